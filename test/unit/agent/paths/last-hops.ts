import t from 'tap'

import { lastHops } from '../../../../src/agent/paths/last-hops.ts'
import type { ProcRoute } from '../../../../src/ip/proc-route.ts'
import { ip, prefix } from '../../../fixtures/addresses.ts'

const connected = (dst: string, dev: string): ProcRoute => ({
  dst: prefix(dst),
  dev,
  via: undefined,
  metric: 0,
  reject: false,
})
const ROUTES = [connected('192.168.1.0/24', 'eth0'), connected('10.86.0.0/16', 'nebula1')]
const FOUR = { via: ip('192.168.1.1'), dev: 'eth0' }
const NONE = { gateways: [], nebulaDev: 'nebula1' }

t.test('a hop is kept until another is found, as long as its link has the network', (t) => {
  t.same(lastHops([FOUR], NONE, ROUTES), [FOUR])
  t.same(lastHops([FOUR], { ...NONE, gateways: [{ via: ip('192.168.1.9'), dev: 'eth0' }] }, ROUTES), [])
  t.same(lastHops([FOUR], { ...NONE, gateways: [{ via: ip('fe80::1'), dev: 'eth0' }] }, ROUTES), [FOUR])
  t.same(lastHops([FOUR], NONE, []), [], 'the link is down')
  for (const hop of [
    { via: undefined, dev: 'eth0', family: 4 },
    { via: ip('fe80::1'), dev: 'eth0', family: 4 },
    { via: ip('10.9.9.1'), dev: 'eth0', onLink: true },
  ] as const) {
    t.same(lastHops([hop], NONE, ROUTES), [hop])
    t.same(lastHops([hop], NONE, []), [], 'the link is down')
    t.same(lastHops([hop], { ...NONE, gateways: [FOUR] }, ROUTES), [], 'another IPv4 hop')
  }
  t.same(lastHops([FOUR], NONE, [connected('192.168.1.0/24', 'eth1')]), [], 'on another link')
  t.same(lastHops([{ via: ip('10.86.0.9'), dev: 'nebula1' }], NONE, ROUTES), [], 'inside Nebula')
  t.end()
})
