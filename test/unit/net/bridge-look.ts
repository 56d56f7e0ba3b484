import t from 'tap'

import { parsePrefix, type Prefix } from '../../../src/addr/prefix.ts'
import { isBridgeRight } from '../../../src/net/bridge-look.ts'

const prefix = (text: string): Prefix => parsePrefix(text) as Prefix
const PLAN = {
  name: 'flatnet0',
  addresses: [prefix('10.87.1.1/24'), prefix('fd00:0:1::1/64')],
  mtuBytes: 1300,
}
const PROBES = ['10.87.1.2/32', '10.87.1.3/32', 'fd00:0:1::2/128', 'fd00:0:1::3/128'].map(prefix)

// `ip -j address show dev flatnet0` of iproute2 6.1, shortened.
const ADDRESSES = [
  { family: 'inet', local: '10.87.1.1', prefixlen: 24, preferred_life_time: 4294967295 },
  { family: 'inet', local: '10.87.1.2', prefixlen: 32 },
  { family: 'inet', local: '10.87.1.3', prefixlen: 32 },
  { family: 'inet6', local: 'fd00:0:1::1', prefixlen: 64, nodad: true },
  { family: 'inet6', local: 'fd00:0:1::2', prefixlen: 128, deprecated: true, preferred_life_time: 0 },
  { family: 'inet6', local: 'fd00:0:1::3', prefixlen: 128, deprecated: true, preferred_life_time: 0 },
  { family: 'inet6', local: 'fe80::1', prefixlen: 64 },
]
const UP = ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP']
const shown = (addresses: readonly object[], flags: readonly string[] = UP): string =>
  JSON.stringify([{ ifindex: 3, ifname: 'flatnet0', flags, mtu: 1300, addr_info: addresses }])

t.test('a bridge that is as planned is left alone, with whatever else it has', (t) => {
  t.equal(isBridgeRight(shown(ADDRESSES), PLAN, PROBES), true)
  t.equal(isBridgeRight(shown(ADDRESSES, [...UP, 'PROMISC']), { ...PLAN, promisc: true }, PROBES), true)
  t.end()
})

t.test('everything missing is seen', (t) => {
  for (const missing of ADDRESSES.slice(0, -1)) {
    const rest = ADDRESSES.filter((each) => each !== missing)
    t.equal(isBridgeRight(shown(rest), PLAN, PROBES), false, `no ${missing.local}`)
  }
  const longer = ADDRESSES.map((each) => (each.local === '10.87.1.1' ? { ...each, prefixlen: 25 } : each))
  t.equal(isBridgeRight(shown(longer), PLAN, PROBES), false, 'another prefix length')
  t.equal(isBridgeRight(shown(ADDRESSES, ['BROADCAST']), PLAN, PROBES), false, 'down')
  t.equal(isBridgeRight(shown(ADDRESSES), { ...PLAN, promisc: true }, PROBES), false, 'not promiscuous')
  t.equal(isBridgeRight(undefined, PLAN, PROBES), false, 'no bridge')
  t.equal(isBridgeRight('[]', PLAN, PROBES), false, 'no output')
  t.end()
})

t.test('an IPv6 probe address that the kernel may choose as a source is wrong', (t) => {
  const chosen = ADDRESSES.map((each) => ({ ...each, deprecated: false }))
  t.equal(isBridgeRight(shown(chosen), PLAN, PROBES), false)
  t.end()
})
