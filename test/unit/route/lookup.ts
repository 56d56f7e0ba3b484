import t from 'tap'
import type { ProcRoute } from '../../../src/ip/proc-route.ts'
import { defaultHop, linksOfNetwork, neighbourLink, subnetsOnLink } from '../../../src/route/lookup.ts'
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

t.test('the gateway is the default route of lowest metric that is not on a link of ours', async (t) => {
  t.same(defaultHop(ROUTES, 4, ['nebula1']), { via: ip('172.20.1.1'), dev: 'eth0' })
  t.same(defaultHop(ROUTES, 4, []), { via: ip('10.86.0.1'), dev: 'nebula1' })
})

t.test('without a default route of the family there is no gateway', async (t) => {
  t.equal(defaultHop(ROUTES, 6, []), undefined)
  t.equal(defaultHop([{ ...route('0.0.0.0/0', 'eth0', '172.20.1.1'), reject: true }], 4, []), undefined)
})

t.test('a neighbour is on the link with the longest network around it', async (t) => {
  t.equal(neighbourLink(ROUTES, ip('172.20.1.1')), 'eth0')
  t.equal(neighbourLink(ROUTES, ip('172.20.1.200')), 'eth1')
  t.equal(neighbourLink(ROUTES, ip('192.168.1.12')), undefined)
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

// a route, and whether it is a subnet of ours on the bridge
const routes: [string, ProcRoute, boolean][] = [
  ['a connected subnet', linked('10.87.1.0/24'), true],
  ['a connected subnet of IPv6', linked('fd87:0:0:1::/64'), true],
  ['a network outside of the pools', linked('192.0.2.0/24'), false],
  ['a link-local network', linked('fe80::/64'), false],
  ['an address by itself', linked('10.87.1.1/32'), false],
  ['an IPv6 address by itself', linked('fd87:0:0:1::1/128'), false],
  ['a subnet by way of a next hop', linked('10.87.2.0/24', { via: ip('10.87.1.9') }), false],
  ['a subnet on another link', linked('10.87.2.0/24', { dev: 'lan0' }), false],
  ['a network that is unreachable', linked('10.87.0.0/16', { reject: true }), false],
]
for (const [name, given, isOurs] of routes) {
  t.test(`${name} is ${isOurs ? 'a' : 'no'} subnet of the bridge`, async (t) =>
    t.same(subnetsOnLink([given], 'flatnet0', POOLS), isOurs ? [given.dst] : []),
  )
}
