import t from 'tap'

import { parsePrefix, type Prefix } from '../../../../src/addr/prefix.ts'
import { caPool } from '../../../../src/nebula/certificate/ca-pool.ts'
import { hostCertificate } from '../../../../src/nebula/hosts/host-certificate.ts'
import { file, NOW, refuses } from '../fixtures/files.ts'
import { type Facts, hostPublicKey, issueAuthority, issueHost } from '../fixtures/issue.ts'

const MEANTIME = 1_900_000_000
const authority = issueAuthority(2, 'CURVE25519')
const pool = caPool(authority.pem, '/etc/nebula/ca.crt')
const publicKey = hostPublicKey('CURVE25519')
const prefixes = (...texts: string[]): Prefix[] => texts.flatMap((text) => parsePrefix(text) ?? [])
const host = (version: 1 | 2, facts: Partial<Facts> = {}): string =>
  issueHost(authority, version, { publicKey, ...facts }).pem

function read(pem: string): ReturnType<typeof hostCertificate> {
  return hostCertificate(pem, pool, { now: MEANTIME, source: '/etc/nebula/host.crt' })
}

t.test('a file with one certificate gives that one', (t) => {
  for (const version of [1, 2] as const) {
    const seen = read(host(version, { notAfter: 1_950_000_000 }))
    t.equal(seen.certificate.version, version)
    t.same(seen.warnings, [])
    t.equal(seen.expiresAt, 1_950_000_000)
  }
  t.end()
})

t.test('with both versions, version 2 counts, and the earlier expiry decides', (t) => {
  const seen = hostCertificate(file('bundle/host-a.crt'), caPool(file('bundle/ca-bundle.crt'), 'ca'), {
    now: NOW,
    source: 'f',
  })
  t.equal(seen.certificate.version, 2)
  t.equal(seen.certificate.networks.length, 2, 'IPv6 is there')
  t.same(seen.warnings, [])
  t.equal(read(host(1, { notAfter: 1_950_000_000 }) + host(2)).expiresAt, 1_950_000_000)
  t.equal(read(host(1) + host(2, { notAfter: 1_940_000_000 })).expiresAt, 1_940_000_000)
  t.end()
})

t.test('versions that differ cause a warning', (t) => {
  const cases: readonly (readonly [
    says: string,
    v1: Partial<Facts>,
    v2: Partial<Facts>,
    warning?: string,
  ])[] = [
    ['the same', {}, {}],
    ['the same groups in another order', { groups: ['a', 'b'] }, { groups: ['b', 'a'] }],
    [
      'IPv6 in version 2 only',
      {},
      {
        networks: prefixes('10.86.1.1/16', 'fd86::1/64'),
        unsafeNetworks: prefixes('10.87.1.0/24', 'fd87::/64'),
      },
    ],
    ['host bits of a subnet', {}, { unsafeNetworks: prefixes('10.87.1.5/24') }],
    ['names', { name: 'old' }, { name: 'new' }, 'Name of version 1 ("old") and version 2 ("new") differ'],
    ['groups', { groups: ['a'] }, {}, 'Groups of version 1 ("a") and version 2 (none) differ'],
    [
      'subnets',
      {},
      { unsafeNetworks: prefixes('10.87.9.0/24') },
      'version 1 (10.87.1.0/24) and version 2 (10.87.9.0/24)',
    ],
    ['subnets missing', {}, { unsafeNetworks: [] }, 'version 1 (10.87.1.0/24) and version 2 (none)'],
  ]
  for (const [says, v1, v2, warning] of cases) {
    const { warnings } = read(host(1, v1) + host(2, v2))
    t.equal(warnings.length, warning === undefined ? 0 : 1, says)
    if (warning !== undefined) t.ok(warnings[0]?.includes(warning), says, { warnings })
  }
  t.match(read(host(2) + host(1)).warnings, [/version 2 comes first/])
  t.end()
})

t.test('a file with which Nebula would not start, or that peers would refuse, is refused', (t) => {
  const stranger = issueHost(issueAuthority(1, 'CURVE25519'), 1).pem
  const cases: readonly (readonly [says: string, pem: string, ...details: string[]])[] = [
    ['two of version 1', host(1) + host(1), 'several certificates of one version'],
    ['two of version 2', host(1) + host(2) + host(2), 'several certificates of one version'],
    [
      'two keys',
      host(1, { publicKey: hostPublicKey('CURVE25519') }) + host(2),
      'PublicKey',
      'different keys',
    ],
    [
      'two addresses',
      host(1, { networks: prefixes('10.86.9.9/16') }) + host(2),
      '10.86.9.9/16',
      '10.86.1.1/16',
    ],
    ['IPv6 first', host(1) + host(2, { networks: prefixes('fd86::1/64'), unsafeNetworks: [] }), 'fd86::1/64'],
    ['one of two expired', host(1, { notAfter: 1_850_000_000 }) + host(2), 'NotAfter: expired'],
    ['one of two from another CA', stranger + host(2), 'Issuer', '/etc/nebula/ca.crt'],
    ['a CA', authority.pem, 'this is a CA certificate'],
    ['a CA after the host', host(1) + authority.pem, 'this is a CA certificate'],
    ['no address', host(2, { networks: [], unsafeNetworks: [] }), 'needs an overlay address'],
  ]
  for (const [says, pem, ...details] of cases) {
    t.comment(says)
    refuses(t, () => read(pem), 'CertificateRefused', '/etc/nebula/host.crt', ...details)
  }
  t.end()
})

t.test('the blocklist applies to each block', (t) => {
  const blocked = issueHost(authority, 1, { publicKey })
  const options = { now: MEANTIME, source: 'f', blocklist: new Set([blocked.fingerprint]) }
  refuses(t, () => hostCertificate(blocked.pem + host(2), pool, options), 'CertificateRefused', 'blocklist')
  t.end()
})
