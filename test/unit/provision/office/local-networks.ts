import t from 'tap'
import { parsePrefix, type Prefix } from '../../../../src/addr/prefix.ts'
import { refuseLocalOverlap, usualOverlaps } from '../../../../src/provision/office/local-networks.ts'

function prefix(text: string): Prefix {
  const found = parsePrefix(text)
  if (found === undefined) throw new Error(text)
  return found
}

const family = (overlay: string, pool: string) => [
  { overlay: prefix(overlay), pool: prefix(pool), subnetLength: 24 },
]
const USUAL = family('10.86.0.0/16', '10.87.0.0/16')

t.test('a network in use here is refused with its link and the option', async (t) => {
  const cases: readonly (readonly [network: string, link: string, says: RegExp])[] = [
    [
      '10.86.7.1/24',
      'eth0',
      /10\.86\.0\.0\/16 overlaps 10\.86\.7\.0\/24 on eth0: choose another with --overlay/,
    ],
    ['10.87.0.1/16', 'docker0', /on docker0 \(Docker\): choose another with --pool/],
    ['10.0.0.0/8', 'tun0', /10\.0\.0\.0\/8 on tun0 \(a VPN\)/],
    ['10.86.1.1/16', 'nebula1', /\(Nebula\)/],
    ['10.87.1.1/24', 'flatnet0', /this machine is in an office already/],
  ]
  for (const [network, link, says] of cases)
    t.throws(() => refuseLocalOverlap(USUAL, [{ network: prefix(network), link }]), {
      message: 'network in use',
      details: says,
    })
})

t.test('default routes and other networks are no reason', async (t) => {
  for (const network of ['0.0.0.0/0', '0.0.0.0/1', '192.168.1.7/24', 'fd00::/8'])
    t.doesNotThrow(() => refuseLocalOverlap(USUAL, [{ network: prefix(network), link: 'eth0' }]), network)
})

t.test('what other hosts usually have is mentioned', async (t) => {
  t.same(usualOverlaps(USUAL), [])
  t.match(usualOverlaps(family('172.20.0.0/16', '10.88.0.0/16')), [/WSL2's NAT mode/, /podman's bridge/])
})
