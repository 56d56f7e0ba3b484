// Command lines as people type them, and how they are parsed.
import t from 'tap'
import type { CommandSpec } from '../../../src/cli/command.ts'
import { PROGRAM } from '../../../src/cli/commands.ts'
import { parseLine } from '../../../src/cli/parse.ts'

const load = () => Promise.reject(new Error('not loaded by parsing'))
const LOOK: CommandSpec = {
  name: 'look',
  summary: 'look at a peer',
  operands: [{ name: 'PEER', summary: 'a peer', isOptional: true }],
  options: [
    { name: 'for', value: 'TIME', summary: 'how long' },
    { name: 'only', value: 'ID', summary: 'one id', isList: true },
    { name: 'kind', value: 'KIND', summary: 'which', takes: ['small', 'large'] },
    { name: 'output', short: 'o', value: 'FILE', summary: 'where to' },
    { name: 'dry-run', summary: 'do nothing' },
    { name: 'wide', summary: 'more' },
    { name: 'no-wide', summary: 'less' },
  ],
  json: true,
  exits: 'judged',
  load,
}
const SHOW: CommandSpec = {
  name: 'show',
  summary: 'show an address',
  operands: [{ name: 'ADDRESS', summary: 'an address' }],
  exits: 'judged',
  load,
}
const STORE: CommandSpec = { name: 'store', summary: 'addresses', exits: 'judged', subcommands: [SHOW] }
const SYNC: CommandSpec = { name: 'sync', summary: 'make it so', exits: 'done', load }
const ROOT: CommandSpec = {
  name: 'prog',
  summary: 'a program',
  exits: 'done',
  subcommands: [LOOK, STORE, SYNC],
}

function parse(line: string) {
  return parseLine(ROOT, line === '' ? [] : line.split(' '))
}

t.test('arguments reach the command', async (t) => {
  const parsed = parse('look host-b --for 10s --only A --only B --dry-run -o x.tar')
  if (parsed.kind !== 'call') return t.fail(parsed.kind)
  const { spec, call } = parsed
  t.equal(spec, LOOK)
  t.same(call.operands, ['host-b'])
  t.equal(call.value('for'), '10s')
  t.same(call.values('only'), ['A', 'B'])
  t.equal(call.value('output'), 'x.tar')
  t.ok(call.has('dry-run'))
  t.same(['wide', 'no-wide'].map(call.has), [false, false])
  const narrow = parse('look --wide --no-wide')
  t.same(narrow.kind === 'call' && ['wide', 'no-wide'].map(narrow.call.has), [false, true], 'the last one')
  t.notOk(call.isJson)
  const bare = parse('look --json')
  if (bare.kind !== 'call') return t.fail(bare.kind)
  t.same(bare.call.operands, [])
  t.equal(bare.call.value('for'), undefined)
  t.same(bare.call.values('only'), [])
  t.ok(bare.call.isJson)
  const sub = parse('store show 10.87.1.10')
  t.match(sub, { kind: 'call', spec: { name: 'show' }, call: { operands: ['10.87.1.10'] } })
  return undefined
})

t.test("a usage error names the unknown word, the likely one, and the command's exit code", async (t) => {
  const cases: [string, number, RegExp, string][] = [
    ['lok', 2, /^unknown command 'lok'; did you mean look\?$/, 'Try: flatnet-cni --help'],
    ['--jsn', 2, /unknown option '--jsn'/, 'Try: flatnet-cni --help'],
    ['look --jsn', 3, /unknown option '--jsn'; did you mean --json\?/, 'Try: flatnet-cni look --help'],
    ['look a b', 3, /too many arguments/, 'Try: flatnet-cni look --help'],
    ['look --for', 3, /argument missing/, 'Try: flatnet-cni look --help'],
    ['look --kind huge', 3, /huge.* Allowed choices are small, large/, 'Try: flatnet-cni look --help'],
    ['sync now', 2, /too many arguments/, 'Try: flatnet-cni sync --help'],
    ['store', 3, /store needs a subcommand/, 'Try: flatnet-cni store --help'],
    ['store sow', 3, /unknown command 'sow'; did you mean show\?/, 'Try: flatnet-cni store --help'],
    ['store show', 3, /missing required argument 'ADDRESS'/, 'Try: flatnet-cni store show --help'],
  ]
  for (const [line, exitCode, problem, hint] of cases)
    t.match(parse(line), { kind: 'misunderstood', exitCode, problem, hint }, line)
})

t.test('--help of each command has its usage, operands, options and exit codes', async (t) => {
  const parsed = parse('look --help')
  if (parsed.kind !== 'text') return t.fail(parsed.kind)
  for (const part of [
    /Usage: flatnet-cni look \[OPTIONS\] \[PEER\]/,
    /-o, --output FILE/,
    /--json /,
    /3\s+could\s+not\s+run/,
  ])
    t.match(parsed.text, part)
  t.match(parse('store show -h'), { kind: 'text', text: /Usage: flatnet-cni store show ADDRESS/ })
  return undefined
})

t.test('every command of the program has help within 80 columns', async (t) => {
  const check = (spec: CommandSpec, path: readonly string[]): void => {
    const parsed = parseLine(PROGRAM, [...path, '--help'])
    if (parsed.kind !== 'text') return void t.fail(path.join(' '))
    const wide = parsed.text.split('\n').filter((line) => line.length > 100)
    t.same(wide, [], `flatnet-cni ${path.join(' ')}`)
    t.notMatch(spec.summary, /\.$/, 'a summary is not a sentence')
    for (const sub of spec.subcommands ?? []) check(sub, [...path, sub.name])
  }
  check(PROGRAM, [])
})
