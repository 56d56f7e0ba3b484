import t from 'tap'
import { GW_ITEMS } from '../../../../src/check/items/gw.ts'
import { AGENT_DEFAULTS } from '../../../../src/config/agent-settings.ts'
import { PATH_ITEMS } from '../../../../src/check/items/path.ts'
import { breakOneByOne, type Case, reportOf, type Some } from '../fixtures/broken.ts'
import { ANSWERS, NEVER, path } from '../fixtures/paths.ts'

const HOP = { via: '192.168.1.1', dev: 'eth0', peer: undefined, neighbour: 'REACHABLE' }
const OWN = { ...HOP, via: '192.168.1.12', peer: '10.86.2.1' }
const GATEWAY = {
  wanted: 'auto',
  hops: [HOP, OWN],
  nebulaDev: 'nebula1',
  refusedHops: [],
  otherTables: [],
  peers: [{ name: 'host-b', overlay: ['10.86.2.1'] }],
  overlay: ['10.86.1.1/16'],
}
const PATHS = {
  peers: [path(), path({ name: 'host-c' })],
  refused: [],
  hasGateway: true,
  pace: AGENT_DEFAULTS.probe,
}
const ROLE = { isBareLighthouse: false, isGateway: false }
const gateway = (change: object): Some => ({ gateway: { ...GATEWAY, ...change } })
const paths = (...peers: readonly ReturnType<typeof path>[]): Some => ({ paths: { ...PATHS, peers } })
const dead = path({ gateway: { ...ANSWERS, repliedAgoMs: 60_000 } })
/** Half a minute ago, between two probes. The tunnel is asked every 15 s, so its answer still counts. */
const DOWN = path({
  p2p: { ...ANSWERS, repliedAgoMs: 27_000, heardAgoMs: 27_000 },
  tunnel: { ...ANSWERS, repliedAgoMs: 36_000, heardAgoMs: 36_000 },
  gateway: { ...ANSWERS, repliedAgoMs: 29_000, heardAgoMs: 29_000 },
})

const CASES: readonly Case[] = [
  ['no answer', gateway({ hops: [{ ...HOP, neighbour: 'FAILED' }, OWN] }), 'GW-001', 'fail',
    /192\.168\.1\.1 on eth0 does not answer \(ARP\)/],
  ["a peer's own hop is silent", gateway({ hops: [HOP, { ...OWN, neighbour: 'FAILED' }] }), 'GW-001', 'warn',
    /host-b 192\.168\.1\.12 on eth0 does not answer \(ARP\)/],
  ['on no network',
    gateway({ hops: [],
    refusedHops: [{ peer: undefined, problem: 'gateway.via: 192.168.99.1 is on no network of this host' }] }),
    'GW-001', 'fail', /no container can start: gateway\.via: 192\.168\.99\.1 is on no network/],
  ["a peer's own hop is on no network",
    gateway({ hops: [HOP],
    refusedHops: [{ peer: '10.86.2.1',
    problem: 'peerGateways.10.86.2.1: 192.168.99.1 is on no network of this host' }] }), 'GW-001', 'fail',
    /host-b no container can start: peerGateways/],
  ['no hop', gateway({ hops: [] }), 'GW-001', 'fail', /no default route/],
  ['a lighthouse without containers',
    { ...gateway({ hops: [] }), role: { ...ROLE, isBareLighthouse: true } }, 'GW-001', 'skip',
    /a lighthouse without containers/],
  ['a default route only in another table',
    gateway({ hops: [], otherTables: ['192.168.1.1 on eth0 (table 100)'] }), 'GW-001', 'fail',
    /no default route .*; other tables have one: 192\.168\.1\.1 on eth0 \(table 100\)/],
  ['a link without a next hop',
    gateway({ hops: [{ ...HOP, via: undefined, dev: 'ppp0', neighbour: undefined }, OWN] }), 'GW-001', 'ok',
    /ppp0, without a next hop/],
  ['an IPv6 hop that is silent', gateway({ hops: [{ ...HOP, via: 'fe80::1', neighbour: 'FAILED' }, OWN] }),
    'GW-001', 'fail', /fe80::1 on eth0 does not answer \(NDP\)/],
  ['no gateway configured', gateway({ hops: [], wanted: 'none' }), 'GW-001', 'skip', /ask for no gateway/],
  ['nothing comes back', paths(dead, dead), 'GW-002', 'fail', /0 of 2 peers/],
  ['a gateway host is there', paths(path({ gateway: dead.gateway, forwards: true })), 'GW-002', 'fail',
    /0 of 1 peers/],
  ['one peer is unreachable', paths(dead, path()), 'GW-002', 'ok', /1 of 2 peers/],
  ['no peer is up', paths(path({ p2p: NEVER, tunnel: NEVER, gateway: NEVER })), 'GW-002', 'skip',
    /no peer answers/],
  ['a peer that went down has not answered by the tunnel since', paths(DOWN), 'GW-002', 'skip',
    /no peer answers/],
  ['through the tunnel', gateway({ hops: [{ ...HOP, dev: 'nebula1' }, OWN] }), 'GW-003', 'fail',
    /192\.168\.1\.1 on nebula1 is not a Nebula host/],
  ['a gateway host of Nebula', gateway({ hops: [{ ...HOP, via: '10.86.0.9', dev: 'nebula1' }, OWN] }),
    'GW-003', 'ok', /10\.86\.0\.9 is a gateway host/],
  ['for an unknown peer', gateway({ hops: [HOP, { ...OWN, peer: '10.86.9.1' }] }), 'GW-004', 'warn',
    /no peer has 10\.86\.9\.1/],
] // prettier-ignore

await breakOneByOne(t, GW_ITEMS, { gateway: GATEWAY, paths: PATHS, role: ROLE }, CASES)

t.test('a peer that is down is the root cause, not its silent hop or the gateways', async (t) => {
  const long = { ...ANSWERS, repliedAgoMs: 7_200_000, heardAgoMs: 7_200_000 }
  const off = path({
    p2p: long,
    tunnel: long,
    gateway: long,
    phase: 'GATEWAY_FALLBACK',
    since: '2026-01-01T00:00:00Z',
  })
  const { hops, ...rest } = GATEWAY
  const facts = {
    now: Date.parse('2026-01-01T02:00:00Z') / 1000,
    gateway: { ...rest, hops: [hops[0] ?? HOP, { ...OWN, neighbour: 'FAILED' }] },
    paths: { ...PATHS, peers: [off, path({ name: 'host-c' })] },
    role: ROLE,
  }
  const { roots, items } = reportOf([...GW_ITEMS, ...PATH_ITEMS], facts)
  t.same(
    roots.filter((id) => id !== 'PATH-010'),
    ['PATH-002'],
  )
  t.match(items.find(({ id }) => id === 'PATH-002')?.findings[0], {
    verdict: 'fail',
    subject: 'host-b',
    seen: 'nothing heard on any path for 7200 s',
  })
  t.match(items.find(({ id }) => id === 'GW-001')?.findings, [{ verdict: 'ok' }, { follows: 'PATH-002' }])
})

t.test('a gateway host that is not used yet is offered', async (t) => {
  const about = (hop: object): unknown =>
    reportOf(GW_ITEMS, {
      gateway: { ...GATEWAY, hops: [{ ...HOP, ...hop }] },
      paths: { ...PATHS, peers: [path({ gateway: dead.gateway, forwards: true })] },
    }).items.find(({ id }) => id === 'GW-002')?.findings[0]?.next
  t.match(about({}), [
    /on the gateway/,
    /gateway host host-b: write "gateway": \{"via": "10\.86\.2\.1"\}/,
    /./,
  ])
  t.notMatch(String(about({ via: '10.86.2.1', dev: 'nebula1' })), 'gateway host')
})

t.test('the tolerated silence follows from the probe interval', async (t) => {
  const quiet = path({ gateway: { ...ANSWERS, repliedAgoMs: 60_000 } })
  const slow = { ...AGENT_DEFAULTS.probe, gatewayMs: 30_000 }
  const about = (pace: typeof slow): readonly string[] =>
    reportOf([...GW_ITEMS, ...PATH_ITEMS.filter(({ id }) => id === 'PATH-004')], {
      gateway: GATEWAY,
      paths: { ...PATHS, peers: [quiet], pace },
      role: ROLE,
    }).roots
  t.same(about(AGENT_DEFAULTS.probe), ['GW-002'])
  t.same(about(slow), [], 'asked every 30 s, silent for 60')
})
