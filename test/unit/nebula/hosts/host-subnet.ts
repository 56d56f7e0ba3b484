import t from 'tap'

import { formatPrefix, parsePrefix, type Prefix } from '../../../../src/addr/prefix.ts'
import type { Certificate } from '../../../../src/nebula/certificate/certificate.ts'
import { hostSubnets, subnetsInPools } from '../../../../src/nebula/hosts/host-subnet.ts'
import { parseCertificates } from '../../../../src/nebula/certificate/parse.ts'
import { file, refuses } from '../fixtures/files.ts'

const prefixes = (...texts: string[]): Prefix[] => texts.flatMap((text) => parsePrefix(text) ?? [])
const IPV4 = prefixes('10.87.0.0/16')
const BOTH = prefixes('10.87.0.0/16', 'fd87::/48')

function read(path: string): Certificate {
  const [certificate] = parseCertificates(file(path), path)
  if (certificate === undefined) throw new Error(path)
  return certificate
}

function host(...unsafeNetworks: string[]): Certificate {
  return { ...read('v2-1110/host-b.crt'), unsafeNetworks: prefixes(...unsafeNetworks) }
}

t.test('the one unsafe network of each family inside the pool is the host subnet', (t) => {
  const cases: readonly (readonly [
    says: string,
    certificate: Certificate,
    pools: Prefix[],
    subnets: string[],
  ])[] = [
    ['version 1', read('v1-161/host-a.crt'), IPV4, ['10.87.1.0/24']],
    ['version 2', read('v2-1110/host-a.crt'), IPV4, ['10.87.1.0/24']],
    ['dual stack', read('v2-1110/host-b.crt'), BOTH, ['10.87.2.0/24', 'fd87:0:0:2::/64']],
    [
      'dual stack, pools in the other order',
      read('v2-1110/host-b.crt'),
      BOTH.toReversed(),
      ['10.87.2.0/24', 'fd87:0:0:2::/64'],
    ],
    ['IPv6 without a pool is ignored', read('v2-1110/host-b.crt'), IPV4, ['10.87.2.0/24']],
    ['an IPv6 pool without IPv6 in the certificate', read('v1-161/host-a.crt'), BOTH, ['10.87.1.0/24']],
    ['IPv4 pool without IPv4 in the certificate', host('fd87:0:0:2::/64'), BOTH, ['fd87:0:0:2::/64']],
    ['host bits are cleared', read('v2-1110/host-hostbits.crt'), IPV4, ['10.87.4.0/24']],
    [
      'the same subnet with and without host bits',
      host('10.87.2.0/24', '10.87.2.9/24'),
      IPV4,
      ['10.87.2.0/24'],
    ],
    [
      'other networks of the host',
      host('10.87.2.0/24', '192.168.7.0/24', '0.0.0.0/0'),
      IPV4,
      ['10.87.2.0/24'],
    ],
    ['networks outside', read('v1-161/host-multi.crt'), IPV4, ['10.87.3.0/24']],
    ['a gateway that also has containers', host('10.87.0.0/16', '10.87.2.0/24'), IPV4, ['10.87.2.0/24']],
    ['the first and the last part of the pool', host('10.87.255.0/24'), IPV4, ['10.87.255.0/24']],
    ['a pool written with host bits', host('10.87.2.0/24'), prefixes('10.87.9.9/16'), ['10.87.2.0/24']],
    ['half the pool', host('10.87.128.0/17'), IPV4, ['10.87.128.0/17']],
  ]
  for (const [says, certificate, pools, subnets] of cases) {
    t.same(hostSubnets(certificate, pools, 'f').map(formatPrefix), subnets, says)
  }
  t.end()
})

t.test("anything else is refused, with the certificate's networks and the next step", (t) => {
  const cases: readonly (readonly [
    says: string,
    certificate: Certificate,
    pools: Prefix[],
    ...details: string[],
  ])[] = [
    [
      'none at all',
      read('v1-161/host-nosubnet.crt'),
      IPV4,
      '10.87.0.0/16',
      'has none at all',
      '-unsafe-networks',
      '-subnets',
    ],
    [
      'none inside',
      host('192.168.7.0/24'),
      IPV4,
      'no subnet inside the pool 10.87.0.0/16',
      'has 192.168.7.0/24',
    ],
    ['none of either family', read('v1-161/lh1.crt'), BOTH, '10.87.0.0/16, fd87::/48'],
    ['no pool of its family', read('v1-161/host-a.crt'), prefixes('fd87::/48'), 'has 10.87.1.0/24'],
    [
      'several',
      host('10.87.2.0/24', '10.87.3.0/24'),
      IPV4,
      '10.87.2.0/24, 10.87.3.0/24',
      'one subnet per family',
    ],
    ['one inside the other', host('10.87.2.0/24', '10.87.2.0/25'), IPV4, '10.87.2.0/24, 10.87.2.0/25'],
    [
      'several of IPv6 only',
      host('10.87.2.0/24', 'fd87::/64', 'fd87:0:0:1::/64'),
      BOTH,
      'fd87::/64, fd87:0:0:1::/64',
    ],
    ['the whole pool', read('v1-161/gateway.crt'), IPV4, '10.87.0.0/16', 'certificate of a gateway'],
    ['the whole pool, version 2', read('v2-1110/gateway.crt'), IPV4, 'certificate of a gateway'],
    ['more than the pool', host('10.0.0.0/8'), IPV4, 'certificate of a gateway'],
    [
      'the overlay network',
      host('10.86.9.0/24'),
      prefixes('10.86.0.0/15'),
      '10.86.9.0/24 overlaps the overlay network 10.86.0.0/16',
    ],
    [
      'a network around the overlay network',
      host('10.86.0.0/15'),
      prefixes('10.0.0.0/8'),
      'overlaps the overlay network',
    ],
    [
      'the IPv6 overlay',
      host('10.87.2.0/24', 'fd86::/72'),
      prefixes('10.87.0.0/16', 'fd86::/48'),
      'fd86::/72 overlaps',
    ],
    ['no pools', host('10.87.2.0/24'), [], 'no subnet inside'],
  ]
  for (const [says, certificate, pools, ...details] of cases) {
    t.comment(says)
    refuses(
      t,
      () => hostSubnets(certificate, pools, '/h.crt'),
      'CertificateRefused',
      '/h.crt: ',
      'UnsafeNetworks:',
      ...details,
    )
  }
  t.end()
})

t.test('a peer may have any number of subnets in the pools', (t) => {
  const certificate = host(
    '10.87.9.9/24',
    '10.87.9.0/24',
    '10.87.0.0/16',
    '10.87.8.0/24',
    'fd87::/64',
    '10.88.0.0/24',
  )
  t.same(subnetsInPools(certificate, BOTH).map(formatPrefix), ['10.87.9.0/24', '10.87.8.0/24', 'fd87::/64'])
  t.end()
})
