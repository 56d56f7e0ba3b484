import t from 'tap'
import type { ProcRoute } from '../../../src/ip/proc-route.ts'
import { defaultHop, linksOfNetwork, neighbourLink } from '../../../src/route/lookup.ts'
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
