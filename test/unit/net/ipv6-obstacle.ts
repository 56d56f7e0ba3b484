import t from 'tap'
import { type Ipv6Situation, ipv6Obstacle } from '../../../src/net/ipv6-obstacle.ts'

const fine: Ipv6Situation = {
  subnet: 'fd87:0:0:1::/64',
  isInKernel: true,
  mtuSetting: 'auto',
  mtuBytes: 1300,
  nebula: { name: 'nebula1', disableIpv6: '0' },
  bridge: { name: 'flatnet0', disableIpv6: '0' },
}
const said = (change: Partial<Ipv6Situation>): string | undefined => {
  const obstacle = ipv6Obstacle({ ...fine, ...change })
  return obstacle && [obstacle.seen, ...obstacle.next].join(' | ')
}
const link = (name: string, disableIpv6: string | undefined) => ({ name, disableIpv6 })

t.test('no obstacle', async (t) => {
  t.equal(said({}), undefined)
  t.equal(said({ nebula: undefined, bridge: undefined }), undefined, 'before Nebula and the first container')
  t.equal(said({ mtuBytes: 1280 }), undefined, 'at the least MTU')
  t.equal(said({ bridge: link('flatnet0', '1') }), undefined, 'ADD switches it on')
})

const cases: [string, Partial<Ipv6Situation>, RegExp][] = [
  [
    'a kernel without IPv6',
    { isInKernel: false, nebula: link('nebula1', undefined) },
    /^the kernel runs without IPv6, .*fd87:0:0:1::\/64 \| remove ipv6.disable=1 .* \| or sign/,
  ],
  [
    'an MTU from the settings',
    { mtuSetting: 1200, mtuBytes: 1200 },
    /^"mtu" is 1200 bytes; IPv6 needs 1280, .* \| remove "mtu"/,
  ],
  [
    'an MTU from Nebula',
    { mtuBytes: 1200, nebula: link('nebula1', undefined) },
    /^nebula1 has an MTU of 1200 bytes; IPv6 needs 1280, .* \| set tun.mtu: 1300 .* \| systemctl restart/,
  ],
  [
    'an MTU from Nebula below that of the settings',
    { mtuSetting: 1300, nebula: link('nebula1', undefined) },
    /^nebula1 has a smaller MTU than "mtu"; IPv6 needs 1280/,
  ],
  [
    'a nebula link with IPv6 off',
    { nebula: link('nebula1', '1') },
    /^IPv6 is switched off on nebula1 \(\S+.disable_ipv6 = 1\).* \| sysctl -w .*nebula1.disable_ipv6=0 \|/,
  ],
  [
    'a bridge created with a smaller MTU',
    { bridge: link('flatnet0', undefined) },
    /^flatnet0 was made with a smaller MTU; .* \| ip link set dev flatnet0 mtu 1300 \|/,
  ],
]
for (const [name, change, expected] of cases) t.test(name, async (t) => t.match(said(change), expected))
