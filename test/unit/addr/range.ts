import t from 'tap'
import { formatIp } from '../../../src/addr/ip.ts'
import { addressAt, formatPrefix } from '../../../src/addr/prefix.ts'
import {
  bridgeAddress,
  leaseRange,
  offsetOf,
  probeAddresses,
  rangeSize,
  refusalOf,
} from '../../../src/addr/range.ts'
import { CniCode } from '../../../src/cni/error.ts'
import { ip, prefix } from '../../fixtures/addresses.ts'

// subnet, first and last dynamic address, number of them
const ranges: [string, string, string, number][] = [
  ['10.87.1.0/24', '10.87.1.10', '10.87.1.254', 245],
  ['10.87.1.77/24', '10.87.1.10', '10.87.1.254', 245],
  ['10.87.1.64/26', '10.87.1.74', '10.87.1.126', 53],
  ['10.87.1.32/27', '10.87.1.36', '10.87.1.62', 27],
  ['10.87.1.248/29', '10.87.1.252', '10.87.1.254', 3],
  ['10.87.0.0/16', '10.87.0.10', '10.87.255.254', 65_525],
  ['10.0.0.0/8', '10.0.0.10', '10.0.255.255', 65_526],
  ['0.0.0.0/0', '0.0.0.10', '0.0.255.255', 65_526],
  ['fd87:0:0:1::/64', 'fd87:0:0:1::a', 'fd87:0:0:1::ffff', 65_526],
  ['fd87::40/122', 'fd87::4a', 'fd87::7f', 54],
  ['fd87::20/123', 'fd87::24', 'fd87::3f', 28],
  ['fd87::8/125', 'fd87::c', 'fd87::f', 4],
]
for (const [subnet, first, last, size] of ranges) {
  t.test(`${subnet} hands out ${first} to ${last}`, async (t) => {
    const range = leaseRange(prefix(subnet))
    t.equal(formatIp(addressAt(range.subnet, range.first)), first)
    t.equal(formatIp(addressAt(range.subnet, range.last)), last)
    t.equal(rangeSize(range), size)
  })
}

for (const subnet of [
  '10.87.1.0/30',
  '10.87.1.0/31',
  '10.87.1.1/32',
  'fd87::/126',
  'fd87::/127',
  'fd87::1/128',
]) {
  t.test(`${subnet} is refused because it has no address for containers`, async (t) => {
    t.throws(() => leaseRange(prefix(subnet)), {
      code: CniCode.InvalidConfig,
      message: 'host subnet too small',
      details: /no address left for containers: .*(\/29|\/125) or larger/,
    })
  })
}

// subnet, given address, what is wrong with it
const requests: [string, string, string | undefined][] = [
  ['10.87.1.0/24', '10.87.1.0', '10.87.1.0 is the network address of 10.87.1.0/24'],
  ['10.87.1.0/24', '10.87.1.1', '10.87.1.1 is the bridge of 10.87.1.0/24'],
  ['10.87.1.0/24', '10.87.1.2', "10.87.1.2 is reserved for the agent's probes in 10.87.1.0/24"],
  ['10.87.1.0/24', '10.87.1.3', "10.87.1.3 is reserved for the agent's probes in 10.87.1.0/24"],
  ['10.87.1.0/24', '10.87.1.4', undefined],
  ['10.87.1.0/24', '10.87.1.9', undefined],
  ['10.87.1.0/24', '10.87.1.10', undefined],
  ['10.87.1.0/24', '10.87.1.254', undefined],
  ['10.87.1.0/24', '10.87.1.255', '10.87.1.255 is the broadcast address of 10.87.1.0/24'],
  ['10.87.1.0/24', '10.87.2.10', '10.87.2.10 is outside 10.87.1.0/24'],
  ['10.87.1.0/24', '10.87.0.255', '10.87.0.255 is outside 10.87.1.0/24'],
  ['10.87.1.0/24', 'fd87::10', 'fd87::10 is outside 10.87.1.0/24'],
  ['10.0.0.0/8', '10.200.0.1', undefined],
  ['fd87:0:0:1::/64', 'fd87:0:0:1::', 'fd87:0:0:1:: is the subnet-router anycast address of fd87:0:0:1::/64'],
  ['fd87:0:0:1::/64', 'fd87:0:0:1:ffff:ffff:ffff:ffff', undefined],
  ['fd87:0:0:1::/64', 'fd87:0:0:1::1', 'fd87:0:0:1::1 is the bridge of fd87:0:0:1::/64'],
]
for (const [subnet, address, refusal] of requests) {
  t.test(`${address} of ${subnet} ${refusal === undefined ? 'is accepted' : 'is refused'}`, async (t) => {
    t.equal(refusalOf(prefix(subnet), ip(address)), refusal)
  })
}

t.test('the bridge gets the first address', async (t) => {
  t.equal(formatPrefix(bridgeAddress(prefix('10.87.1.9/24'))), '10.87.1.1/24')
})

t.test('an offset is counted from the first address, even for a subnet with host bits', async (t) => {
  t.equal(offsetOf(prefix('10.87.1.9/24'), ip('10.87.1.255')), 255n)
  t.equal(offsetOf(prefix('fd87::/64'), ip('fd87::ffff:ffff:ffff:ffff')), 0xffff_ffff_ffff_ffffn)
})

// subnet, addresses of the two probes
const probes: [string, [string, string] | undefined][] = [
  ['10.87.1.0/24', ['10.87.1.2', '10.87.1.3']],
  ['10.87.1.77/24', ['10.87.1.2', '10.87.1.3']],
  ['10.87.1.248/29', ['10.87.1.250', '10.87.1.251']],
  ['fd87:0:0:1::/64', ['fd87:0:0:1::2', 'fd87:0:0:1::3']],
  ['10.87.1.0/30', undefined],
  ['10.87.1.1/32', undefined],
]
for (const [subnet, expected] of probes) {
  t.test(`the probes of ${subnet} have ${expected?.join(' and ') ?? 'no addresses'}`, async (t) => {
    const found = probeAddresses(prefix(subnet))
    t.same(found && [formatIp(found.p2p), formatIp(found.gateway)], expected)
    for (const address of expected ?? []) t.ok(refusalOf(prefix(subnet), ip(address)), 'is never leased')
  })
}
