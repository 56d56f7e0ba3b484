import { equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'

import { CniError } from '../../../src/cni/error.ts'
import {
  compareVersions,
  etagOf,
  type HostState,
  MOST_CONTAINERS,
  parseState,
  renderState,
} from '../../../src/registry/host-state.ts'
import { prefix } from '../../fixtures/addresses.ts'
import { holdsForAll } from '../nebula/fixtures/property.ts'

const SUBNETS = [prefix('10.87.2.0/24'), prefix('fd87:0:0:2::/64')]
const ENTRY = {
  id: 'f'.repeat(64),
  names: ['web', 'web-1'],
  network: 'flatnet',
  ifname: 'eth0',
  addresses: ['10.87.2.10', 'fd87:0:0:2::a'],
  ports: [
    { protocol: 'tcp', hostPort: 8080, containerPort: 80, hostIp: null, trouble: null },
    {
      protocol: 'udp',
      hostPort: 53,
      containerPort: 53,
      hostIp: '127.0.0.1',
      trouble: { kind: 'host-program', says: 'dnsmasq (process 4) of this host listens on 0.0.0.0:53' },
    },
  ],
  exposed: [{ protocol: 'tcp', port: 443 }],
  labels: { 'flatnet.http': 'true', 'flatnet.note': 'zwei Wörter, 日本語' },
  since: '2026-01-01T00:00:00.000Z',
}
const text = (change: object = {}, entry: object = {}): string =>
  JSON.stringify({ version: 1, epoch: 7, sequence: 3, containers: [{ ...ENTRY, ...entry }], ...change })

t.test('a state survives the way over the wire', (t) => {
  const state = parseState(text({ later: 1 }, { later: 'ignored' }), SUBNETS, 'test')
  t.same(state.containers, [ENTRY])
  t.same(parseState(renderState(state), SUBNETS, 'test'), state)
  t.equal(etagOf(state), '"7-3"')
  t.end()
})

t.test('versions are ordered by epoch, then by sequence', (t) => {
  const version = fc.record({ epoch: fc.nat(3), sequence: fc.nat(3) })
  holdsForAll(t, fc.tuple(version, version), ([a, b]) => {
    const rank = ({ epoch, sequence }: typeof a): number => epoch * 10 + sequence
    equal(Math.sign(compareVersions(a, b)), Math.sign(rank(a) - rank(b)))
  })
  t.end()
})

const port = ENTRY.ports[0]
const MANY = Array.from({ length: 33 }, (_, n) => n)
const REFUSED: readonly (readonly [what: string, text: string, says: RegExp])[] = [
  ['no JSON', '{', /not valid JSON|test/],
  ['a list', '[]', /test: is \[\]/],
  ['another version', text({ version: 2 }), /version: this agent knows version 1, got 2/],
  ['no epoch', text({ epoch: undefined }), /test: epoch/],
  ['an epoch that is not a number', text({ epoch: '7' }), /test: epoch/],
  ['a sequence below 0', text({ sequence: -1 }), /test: sequence/],
  ['no containers', text({ containers: {} }), /test: containers: needs a list/],
  ['too many', text({ containers: Array.from({ length: MOST_CONTAINERS + 1 }, () => ENTRY) }),
    /at most 1024/],
  ['an entry that is none', text({ containers: [ENTRY, null] }), /containers\[1\]: needs an object/],
  ["another host's address", text({}, { addresses: ['10.87.3.10'] }),
    /addresses\[0\]: "10\.87\.3\.10" is not in/],
  ['one of two foreign', text({}, { addresses: ['10.87.2.11', '192.168.1.1'] }), /addresses\[1\]/],
  ['no address', text({}, { addresses: [] }), /addresses: needs at least one/],
  ['a name with a dot first', text({}, { names: ['.web'] }), /names\[0\]/],
  ['a name with a line break', text({}, { names: ['web\nevil'] }), /names\[0\]/],
  ['a name with quotes', text({}, { names: ['we"b'] }), /names\[0\]/],
  ['names that are a text', text({}, { names: 'web' }), /names: needs a list/],
  ['an ID with a control character', text({}, { id: 'a\u001b[2J' }), /\.id/],
  ['a hidden character', text({}, { id: 'a\u202eb' }), /\.id/],
  ['port 0', text({}, { ports: [{ ...port, containerPort: 0 }] }),
    /ports\[0\]\.containerPort: .* 1 to 65535/],
  ['port 65536', text({}, { ports: [{ ...port, hostPort: 65536 }] }), /ports\[0\]\.hostPort/],
  ['an unknown protocol', text({}, { ports: [{ ...port, protocol: 'icmp' }] }), /ports\[0\]\.protocol/],
  ['a host address that is none', text({}, { ports: [{ ...port, hostIp: 'all' }] }), /ports\[0\]\.hostIp/],
  ['a trouble that is none', text({}, { ports: [{ ...port, trouble: { kind: 'bad', says: '' } }] }),
    /trouble\.kind/],
  ['an exposed port that is none', text({}, { exposed: [{ protocol: 'tcp', port: 'http' }] }),
    /exposed\[0\]\.port/],
  ['a label of another program', text({}, { labels: { password: 'x' } }), /labels: .*flatnet\./],
  ['a label of 1 MB', text({}, { labels: { 'flatnet.x': 'x'.repeat(1_000_000) } }), /labels\.flatnet\.x/],
  ['too many labels',
    text({}, { labels: Object.fromEntries(MANY.map((n) => [`flatnet.${String(n)}`, ''])) }), /33 labels/],
  ['a time that is none', text({}, { since: 'yesterday' }), /since/],
  ['nested without end', '['.repeat(100_000), /test/],
] // prettier-ignore

t.test('what is not right is refused by its key', (t) => {
  for (const [what, bad, says] of REFUSED)
    t.throws(() => parseState(bad, SUBNETS, 'test'), { name: 'CniError', details: says }, what)
  t.end()
})

t.test('random changes are refused by a CniError or taken with everything in its bounds', (t) => {
  const value = fc.jsonValue({ maxDepth: 3 })
  const keys = fc.constantFrom(...Object.keys(ENTRY), 'epoch', 'version', 'containers')
  const isSane = ({ containers }: HostState): boolean =>
    containers.every(({ addresses }) => addresses.every((each) => /^(10\.87\.2\.|fd87:0:0:2:)/.test(each)))
  const changes = fc.tuple(keys, value, fc.boolean())
  const parse = ([key, changed, isTop]: readonly [string, unknown, boolean]): void => {
    const bad = isTop ? text({ [key]: changed }) : text({}, { [key]: changed })
    try {
      ok(isSane(parseState(bad, SUBNETS, 'test')))
    } catch (error) {
      ok(error instanceof CniError, String(error))
    }
  }
  holdsForAll(t, changes, parse, 500)
  t.end()
})
