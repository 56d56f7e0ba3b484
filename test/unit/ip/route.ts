import t from 'tap'
import { countNetworks, parseProcHeads, procKey, procKeys } from '../../../src/ip/proc-route.ts'
import { parseRoutes, type Route, routeDelete, routeKey, routeReplace } from '../../../src/ip/route.ts'
import { ip, prefix } from '../../fixtures/addresses.ts'

// The same four routes from `ip -j -N route show table all proto 77` (iproute2 6.1) and from /proc/net.
const JSON4 =
  '[{"type":"7","dst":"10.87.0.0/16","metric":4294967295,"flags":[]},' +
  '{"dst":"10.87.2.0/24","gateway":"10.1.1.2","dev":"d0","metric":100,"flags":[]}]'
const JSON6 =
  '[{"dst":"fd87:0:0:2::/64","gateway":"fd00::2","dev":"d0","metric":100,"flags":[],"pref":"medium"},' +
  '{"type":"7","dst":"fd87::/48","dev":"lo","metric":4294967295,"flags":[],"pref":"medium"}]'
const PROC4 = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT   
d0\t0001010A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0   
*\t0000570A\t00000000\t0201\t0\t0\t4294967295\t0000FFFF\t0\t0\t0   
d0\t0002570A\t0201010A\t0003\t0\t0\t100\t00FFFFFF\t0\t0\t0   
`
const NO_ADDRESS = '0'.repeat(32)
const PROC6 = `fd870000000000020000000000000000 40 ${NO_ADDRESS} 00 fd000000000000000000000000000002 \
00000064 00000001 00000000 00000003       d0
fd870000000000000000000000000000 30 ${NO_ADDRESS} 00 ${NO_ADDRESS} ffffffff \
00000001 00000000 00200200       lo
`
const UNREACHABLE: Route = { kind: 'unreachable', dst: prefix('10.87.0.0/16'), metric: 4294967295 }
const PEER: Route = {
  kind: 'unicast',
  dst: prefix('10.87.2.0/24'),
  via: ip('10.1.1.2'),
  dev: 'd0',
  metric: 100,
}
const PEER6: Route = {
  kind: 'unicast',
  dst: prefix('fd87:0:0:2::/64'),
  via: ip('fd00::2'),
  dev: 'd0',
  metric: 100,
}
const UNREACHABLE6: Route = { kind: 'unreachable', dst: prefix('fd87::/48'), metric: 4294967295 }

t.test("ip's output is read back as the routes that were made", async (t) => {
  t.same(parseRoutes(JSON4), [UNREACHABLE, PEER])
  t.same(parseRoutes(JSON6), [PEER6, UNREACHABLE6])
  t.same(parseRoutes(''), [])
})

t.test('routes of types that we never make are skipped', async (t) => {
  t.same(parseRoutes('[{"type":"6","dst":"10.87.2.0/24"},{"dst":"default","gateway":"10.1.1.2"}]'), [])
})

t.test('an IPv6 next hop and the flag onlink are read and written', async (t) => {
  const text =
    '[{"dst":"10.87.2.0/24","via":{"family":"inet6","host":"fe80::1"},"dev":"eth0",' +
    '"prefsrc":"10.87.1.1","metric":500,"flags":[]},' +
    '{"dst":"10.87.3.0/24","gateway":"10.9.9.1","dev":"eth0","metric":500,"flags":["onlink"]}]'
  const [inet6, onLink] = parseRoutes(text)
  if (inet6 === undefined || onLink === undefined) throw new TypeError('two routes expected')
  t.equal(
    routeDelete(inet6).join(' '),
    'route delete 10.87.2.0/24 via inet6 fe80::1 dev eth0 metric 500 proto 77',
  )
  t.equal(
    routeReplace(onLink).join(' '),
    'route replace 10.87.3.0/24 via 10.9.9.1 dev eth0 metric 500 proto 77 onlink',
  )
  t.match(procKey(inet6), / 00000000 500 /, '/proc/net/route has no IPv6 next hop')
})

t.test('a single address is a route with the longest prefix', async (t) => {
  t.same(parseRoutes('[{"dst":"10.87.2.2","dev":"d0","metric":5}]'), [
    { kind: 'unicast', dst: prefix('10.87.2.2/32'), dev: 'd0', metric: 5 },
  ])
})

t.test('a route outside the main table has its table', async (t) => {
  const taught: Route = { ...PEER, table: 4280 }
  const json = '{"dst":"10.87.2.0/24","gateway":"10.1.1.2","dev":"d0","table":"4280","metric":100,"flags":[]}'
  t.same(parseRoutes(`[${json}]`), [taught])
  t.equal(
    routeDelete(taught).join(' '),
    'route delete 10.87.2.0/24 via 10.1.1.2 dev d0 metric 100 proto 77 table 4280',
  )
  t.not(routeKey(taught), routeKey(PEER))
})

t.test('a route is found in /proc by its key', async (t) => {
  for (const route of [UNREACHABLE, PEER]) t.ok(procKeys(PROC4, 4).has(procKey(route)), procKey(route))
  for (const route of [PEER6, UNREACHABLE6]) t.ok(procKeys(PROC6, 6).has(procKey(route)), procKey(route))
})

const different: [string, Route][] = [
  ['another metric', { ...PEER, metric: 101 }],
  ['another hop', { ...PEER, via: ip('10.1.1.3') }],
  ['another link', { ...PEER, dev: 'd1' }],
  ['another prefix length', { ...PEER, dst: prefix('10.87.2.0/25') }],
  ['another type', { ...PEER, kind: 'unreachable' }],
]
for (const [name, route] of different) {
  t.test(`a route with ${name} is a different route`, async (t) => {
    t.notOk(procKeys(PROC4, 4).has(procKey(route)))
    t.not(routeKey(route), routeKey(PEER))
  })
}

t.test("the host's own routes are read as numbers, routes to peers are not", async (t) => {
  const defaults = `eth0\t00000000\t010014AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n`
  t.same(parseProcHeads(PROC4 + defaults, 4), [
    { dev: 'd0', dst: prefix('10.1.1.0/24'), via: undefined, metric: 0, reject: false },
    { dev: '*', dst: prefix('10.87.0.0/16'), via: undefined, metric: 4294967295, reject: true },
    { dev: 'eth0', dst: prefix('0.0.0.0/0'), via: ip('172.20.0.1'), metric: 0, reject: false },
  ])
  const inet6 = `eth0\t00000000\t00000000\t0003\t0\t0\t0\t00000000\t0\t0\t0\n`
  t.same(parseProcHeads(`\n${inet6}`, 4), [
    { dev: 'eth0', dst: prefix('0.0.0.0/0'), via: undefined, viaInet6: true, metric: 0, reject: false },
  ])
  const default6 =
    `${NO_ADDRESS} 00 ${NO_ADDRESS} 00 fd000000000000000000000000000001 00000400 ` +
    '00000001 00000000 00000003     eth0\n'
  t.same(parseProcHeads(PROC6 + default6, 6), [
    { dev: 'lo', dst: prefix('fd87::/48'), via: undefined, metric: 4294967295, reject: true },
    { dev: 'eth0', dst: prefix('::/0'), via: ip('fd00::1'), metric: 1024, reject: false },
  ])
})

t.test('commands name the protocol number and the source', async (t) => {
  t.equal(
    routeReplace({ ...PEER, src: ip('10.87.1.1') }).join(' '),
    'route replace 10.87.2.0/24 via 10.1.1.2 dev d0 metric 100 proto 77 src 10.87.1.1',
  )
  t.equal(
    routeReplace(UNREACHABLE).join(' '),
    'route replace unreachable 10.87.0.0/16 metric 4294967295 proto 77',
  )
  t.equal(routeDelete(PEER).join(' '), 'route delete 10.87.2.0/24 via 10.1.1.2 dev d0 metric 100 proto 77')
})

t.test('the networks of a link are counted, except link-local ones and single addresses', async (t) => {
  const v4 = [
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
    'eth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0',
    'flatnet0\t0001570A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
    'flatnet0\t0007570A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
    'flatnet0\t0009570A\t0101570A\t0003\t0\t0\t0\t00FFFFFF\t0\t0\t0',
    'flatnet01\t0008570A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
  ]
  t.equal(countNetworks(`${v4.join('\n')}\n`, 4, 'flatnet0'), 2)
  const line = (dst: string, length: string, dev: string): string =>
    `${dst.padEnd(32, '0')} ${length} ${NO_ADDRESS} 00 ${NO_ADDRESS} 00000100 00000001 00000000 00000001 ` +
    `${dev.padStart(8)}`
  const v6 = [
    line('fd8700000000000100', '40', 'flatnet0'),
    line('fd87000000000001', '80', 'flatnet0'),
    line('fe80', '40', 'flatnet0'),
    line('ff', '08', 'flatnet0'),
    line('fd88', '40', 'lan0'),
  ]
  t.equal(countNetworks(`${v6.join('\n')}\n`, 6, 'flatnet0'), 1)
})
