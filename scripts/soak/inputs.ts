// Standard inputs and environments for a plugin: random ones, and good ones with a change.

import fc from 'fast-check'
import type { Conf } from '../../test/fixtures/host/host.ts'
import { commandsAsText, EDGES } from './hostile.ts'

/** One call. CNI_COMMAND is never empty, because the executable would be the command line then. */
export interface Input {
  readonly env: Readonly<Record<string, string>>
  readonly stdin: string
}

const KEYS =
  `cniVersion name type nebula pool bridge mtu ipMasq gateway metrics peers peerGateways stateDir runDir ca
  cert device via dev p2p dns nameservers domain search options runtimeConfig ips mac portMappings bandwidth
  args cni prevResult interfaces routes address dst gw capabilities ipam __proto__ constructor length`.split(
    /\s+/,
  )
const VERBS = ['ADD', 'ADD', 'ADD', 'DEL', 'CHECK', 'VERSION', 'GC', 'STATUS', 'add', 'ADD ', 'X', '-h']

const texts = fc.oneof(
  fc.constantFrom(...EDGES, ...commandsAsText('/tmp/canary-of-the-fuzz')),
  fc.string({ maxLength: 40, unit: 'binary' }),
  fc.ipV4(),
  fc.ipV6(),
)
const values: fc.Arbitrary<unknown> = fc.oneof(
  texts,
  fc.constantFrom(
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e308,
    2 ** 53,
    576,
    65535,
    4294967295,
    [],
    {},
    [[]],
    [null],
  ),
  fc.jsonValue({ maxDepth: 3 }),
  fc.array(texts, { maxLength: 3 }),
  fc.dictionary(fc.constantFrom(...KEYS), texts, { maxKeys: 3 }),
)

// One change to a configuration: a key gets a value, at the top, inside an existing object, or inside a new
// one.
const change = fc.record({
  path: fc.array(fc.constantFrom(...KEYS), { minLength: 1, maxLength: 3 }),
  value: values,
  remove: fc.boolean(),
})

// What a network, a disk or a tired user do to a text.
const damage = fc.oneof(
  fc.record({ at: fc.nat(), drop: fc.nat({ max: 30 }), put: fc.string({ maxLength: 4, unit: 'binary' }) }),
  fc.record({ at: fc.nat(), drop: fc.constant(100_000), put: fc.constant('') }),
)

const deep = fc
  .tuple(
    fc.constantFrom('[', '{"a":', '{"nebula":', '{"prevResult":[', '{"pool":['),
    fc.constantFrom(50, 5_000, 200_000),
  )
  .map(([open, times]) => open.repeat(times))
const deepLists = fc.constantFrom(50, 2_000, 100_000).map((levels) => ({
  toText: (conf: Conf) =>
    JSON.stringify({ ...conf, name: '@' }).replace('"@"', '['.repeat(levels) + ']'.repeat(levels)),
}))

/** Generates inputs that vary this call. `netns` is an existing namespace. */
export function inputs(conf: Conf, env: Readonly<Record<string, string>>): fc.Arbitrary<Input> {
  const changed = fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
    let result: unknown = conf
    for (const { path, value, remove } of changes) result = put(result, path, remove ? undefined : value)
    return JSON.stringify(result)
  })
  const damaged = fc
    .tuple(fc.oneof(changed, fc.constant(JSON.stringify(conf))), damage)
    .map(([text, { at, drop, put: more }]) => {
      const start = at % (text.length + 1)
      return text.slice(0, start) + more + text.slice(start + drop)
    })
  const stdin = fc.oneof(
    { weight: 5, arbitrary: changed },
    { weight: 3, arbitrary: damaged },
    { weight: 1, arbitrary: fc.json() },
    {
      weight: 1,
      arbitrary: fc.oneof(
        texts,
        deep,
        deepLists.map(({ toText }) => toText(conf)),
      ),
    },
  )
  const names = Object.keys(env)
  const variables = fc.array(
    fc.tuple(
      fc.constantFrom(...names, 'CNI_NETNS_OVERRIDE', 'NODE_OPTIONS', 'TZ', 'LANG'),
      fc.oneof(texts, args),
    ),
    { maxLength: 2 },
  )
  return fc
    .record({ stdin, verb: fc.constantFrom(...VERBS), variables, usual: fc.boolean() })
    .map(({ stdin: text, verb, variables: differences, usual }) => {
      const all = { ...env, CNI_COMMAND: verb, ...(usual ? {} : Object.fromEntries(differences)) }
      return { stdin: text, env: possible(all) }
    })
}

const args = fc
  .array(fc.tuple(fc.constantFrom('IP', 'MAC', 'IgnoreUnknown', 'K8S_POD_NAME', ''), texts), { maxLength: 3 })
  .map((pairs) => pairs.map((pair) => pair.join('=')).join(';'))

// Removes what execve(2) cannot pass on (NUL, texts beyond 128 kB), and keeps the executable a plugin.
function possible(env: Readonly<Record<string, string>>): Record<string, string> {
  const pairs = Object.entries(env).map(([name, value]) => [name, value.replaceAll('\0', '')] as const)
  const result = Object.fromEntries(pairs)
  return result['CNI_COMMAND'] === '' ? { ...result, CNI_COMMAND: 'ADD' } : result
}

function put(target: unknown, [key = '', ...rest]: readonly string[], value: unknown): unknown {
  const isMap = typeof target === 'object' && target !== null && !Array.isArray(target)
  const entries = isMap ? Object.entries(target) : []
  const old = entries.find(([name]) => name === key)?.[1] as unknown
  const others = entries.filter(([name]) => name !== key)
  const next = rest.length === 0 ? value : put(old, rest, value)
  return Object.fromEntries(next === undefined ? others : [...others, [key, next]])
}
