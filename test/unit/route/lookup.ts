import t from 'tap'
import type { ProcRoute } from '../../../src/ip/proc-route.ts'
import { parseShownRoutes } from '../../../src/ip/shown-route.ts'
import {
  defaultRoute,
  hopOf,
  linksOfNetwork,
  neighbourLink,
  shownHop,
  subnetsOnLink,
} from '../../../src/route/lookup.ts'
import { ip, prefix } from '../../fixtures/addresses.ts'

const route = (dst: string, dev: string, via?: string, metric = 0): ProcRoute => ({
  dst: prefix(dst),
  dev,
  via: via === undefined ? undefined : ip(via),
  metric,
  reject: false,
})
const ROUTES = [
  route('0.0.0.0/0', 'wlan0', '192.168.1.1', 600),
  route('0.0.0.0/0', 'eth0', '172.20.1.1', 100),
  route('0.0.0.0/0', 'nebula1', '10.86.0.1', 50),
  route('172.20.0.0/16', 'eth0'),
  route('172.20.1.128/25', 'eth1'),
  route('10.86.0.0/16', 'nebula1'),
]

const hopIn = (routes: readonly ProcRoute[], not: readonly string[] = [], family: 4 | 6 = 4) => {
  const best = defaultRoute(routes, family, not)
  return best && hopOf(best, routes)
}

t.test('the gateway is the default route with the lowest metric that is not on our links', async (t) => {
  t.same(hopIn(ROUTES, ['nebula1']), { via: ip('172.20.1.1'), dev: 'eth0' })
  t.same(hopIn(ROUTES), { via: ip('10.86.0.1'), dev: 'nebula1' })
})

t.test('without a default route of the family there is no gateway', async (t) => {
  t.equal(hopIn(ROUTES, [], 6), undefined)
  t.equal(hopIn([{ ...route('0.0.0.0/0', 'eth0', '172.20.1.1'), reject: true }]), undefined)
  t.equal(hopIn([route('0.0.0.0/0', '*')]), undefined, 'a blackhole')
  t.equal(
    hopIn([route('0.0.0.0/1', 'tun0', '10.8.0.1'), route('128.0.0.0/1', 'tun0', '10.8.0.1')]),
    undefined,
  )
})

t.test('a route without a next hop is accepted, but one with a next hop is preferred', async (t) => {
  const ppp = route('0.0.0.0/0', 'ppp0')
  t.same(hopIn([ppp]), { via: undefined, dev: 'ppp0', family: 4 })
  t.same(hopIn([ppp, ...ROUTES], ['nebula1']), { via: ip('172.20.1.1'), dev: 'eth0' }, 'a VPN beside the LAN')
  const halves = [route('0.0.0.0/1', 'tun0'), route('128.0.0.0/1', 'tun0')]
  t.same(hopIn([...halves, ...ROUTES], ['nebula1']), { via: ip('172.20.1.1'), dev: 'eth0' })
})

t.test('what /proc does not show is queried', async (t) => {
  const inet6: ProcRoute = { ...route('0.0.0.0/0', 'eth0', undefined, 100), viaInet6: true }
  const onLink = route('0.0.0.0/0', 'eth0', '10.9.9.1', 100)
  t.equal(hopIn([inet6]), undefined)
  t.equal(hopIn([onLink, route('10.1.1.5/32', 'eth0')]), undefined)
  const ask = (best: ProcRoute, shown: object[]) => shownHop(parseShownRoutes(JSON.stringify(shown), 4), best)
  const all = { dst: 'default', metric: 100, flags: [] }
  t.same(ask(inet6, [{ ...all, via: { family: 'inet6', host: 'fe80::1' }, dev: 'eth0' }]), {
    via: ip('fe80::1'),
    dev: 'eth0',
    family: 4,
  })
  t.same(ask(onLink, [{ ...all, gateway: '10.9.9.1', dev: 'eth0', flags: ['onlink'] }]), {
    via: ip('10.9.9.1'),
    dev: 'eth0',
    onLink: true,
  })
  const nexthops = [
    { gateway: '10.9.9.1', dev: 'eth0', weight: 1, flags: ['dead', 'linkdown'] },
    { gateway: '192.168.1.1', dev: 'wlan0', weight: 1, flags: [] },
  ]
  t.same(ask(onLink, [{ ...all, nexthops }]), { via: ip('192.168.1.1'), dev: 'wlan0' }, 'the one that is up')
  t.equal(ask(onLink, [{ ...all, metric: 7, gateway: '10.9.9.1', dev: 'eth0' }]), undefined)
  t.same(parseShownRoutes('', 4), [])
})

t.test('a neighbour is on the link with the longest matching prefix', async (t) => {
  t.equal(neighbourLink(ROUTES, ip('172.20.1.1')), 'eth0')
  t.equal(neighbourLink(ROUTES, ip('172.20.1.200')), 'eth1')
  t.equal(neighbourLink(ROUTES, ip('192.168.1.12')), undefined)
  const inet6: ProcRoute = { ...route('192.168.1.0/24', 'eth9'), viaInet6: true }
  t.equal(neighbourLink([...ROUTES, inet6], ip('192.168.1.12')), undefined, 'with an IPv6 next hop')
})

t.test('the nebula link is the one with exactly the overlay network', async (t) => {
  t.same(linksOfNetwork(ROUTES, prefix('10.86.0.0/16')), ['nebula1'])
  t.same(linksOfNetwork(ROUTES, prefix('10.86.0.0/17')), [])
})

const linked = (dst: string, change: Partial<ProcRoute> = {}): ProcRoute => ({
  dev: 'flatnet0',
  dst: prefix(dst),
  via: undefined,
  metric: 0,
  reject: false,
  ...change,
})
const POOLS = [prefix('10.87.0.0/16'), prefix('fd87::/48')]

// a route, and whether it is one of our subnets on the bridge
const routes: [string, ProcRoute, boolean][] = [
  ['a connected subnet', linked('10.87.1.0/24'), true],
  ['a connected subnet of IPv6', linked('fd87:0:0:1::/64'), true],
  ['a network outside of the pools', linked('192.0.2.0/24'), false],
  ['a link-local network', linked('fe80::/64'), false],
  ['a single address', linked('10.87.1.1/32'), false],
  ['a single IPv6 address', linked('fd87:0:0:1::1/128'), false],
  ['a subnet with a next hop', linked('10.87.2.0/24', { via: ip('10.87.1.9') }), false],
  ['a subnet on another link', linked('10.87.2.0/24', { dev: 'lan0' }), false],
  ['an unreachable network', linked('10.87.0.0/16', { reject: true }), false],
]
for (const [name, given, isOurs] of routes) {
  t.test(`${name} is ${isOurs ? '' : 'not '}a subnet of the bridge`, async (t) =>
    t.same(subnetsOnLink([given], 'flatnet0', POOLS), isOurs ? [given.dst] : []),
  )
}
