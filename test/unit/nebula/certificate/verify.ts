import t from 'tap'

import { CniError } from '../../../../src/cni/error.ts'
import { caPool } from '../../../../src/nebula/certificate/ca-pool.ts'
import type { Certificate } from '../../../../src/nebula/certificate/certificate.ts'
import { fingerprints } from '../../../../src/nebula/certificate/fingerprint.ts'
import { otherForm } from '../../../../src/nebula/certificate/p256.ts'
import { parseCertificates } from '../../../../src/nebula/certificate/parse.ts'
import { formatTime, verifyCertificate } from '../../../../src/nebula/certificate/verify.ts'
import { file, filesEndingIn, NOW, refuses } from '../fixtures/files.ts'
import { assemble, type Authority, issueAuthority, issueHost } from '../fixtures/issue.ts'

// Inside the validity of everything issued here.
const MEANTIME = 1_900_000_000

function read(path: string): Certificate {
  const [certificate] = parseCertificates(file(path), path)
  if (certificate === undefined) throw new Error(path)
  return certificate
}

function verify(path: string, poolPath: string, now = NOW, blocklist?: ReadonlySet<string>): void {
  const options = blocklist === undefined ? { now, source: path } : { now, source: path, blocklist }
  verifyCertificate(read(path), caPool(file(poolPath), poolPath), options)
}

t.test('every valid host certificate verifies under its own CA', (t) => {
  const others = /\/(ca[12]?(-p256)?|ca-bundle.*|pool|expired|host-v1-under-v2ca|host-v2-under-v1ca)\.crt$/
  const paths = filesEndingIn('.crt').filter(
    (path) => !others.test(path) && !/^(negative|bundle|v1-161-expiredca|encrypted-ca)\//.test(path),
  )
  t.ok(paths.length >= 18, 'the fixtures are there')
  const pairs = [
    ...paths.map((path) => [path, path.replace(/[^/]+$/, 'ca.crt')] as const),
    ['v1-1110/host-v2-under-v1ca.crt', 'v1-1110/ca.crt'] as const,
    ['v2-1110/host-v1-under-v2ca.crt', 'v2-1110/ca.crt'] as const,
    ['bundle/host-a.v1.crt', 'bundle/ca-bundle.crt'] as const,
    ['bundle/host-a.v2.crt', 'bundle/ca-bundle.crt'] as const,
    ['encrypted-ca/host-a.crt', 'encrypted-ca/ca.crt'] as const,
    ...['good-handmade', 'constraint-ok', 'hostbits-subnet', 'no-subnets', 'pem-crlf'].map(
      (name) => [`negative/${name}.crt`, 'negative/pool.crt'] as const,
    ),
  ]
  for (const [path, pool] of pairs) {
    t.doesNotThrow(() => {
      verify(path, pool)
    }, `${path} under ${pool}`)
  }
  t.end()
})

t.test('every untrustworthy certificate is refused for its own reason', (t) => {
  const cases: readonly (readonly [path: string, pool: string, ...details: string[]])[] = [
    ['negative/constraint-group.crt', 'negative/pool.crt', 'Groups:', '"root"'],
    ['negative/constraint-ip-wider.crt', 'negative/pool.crt', 'Networks:', '10.86.1.1/8'],
    ['negative/constraint-subnet.crt', 'negative/pool.crt', 'UnsafeNetworks:', '10.88.1.0/24'],
    ['negative/forged-same-issuer-other-key.crt', 'negative/pool.crt', 'Signature: does not match'],
    ['negative/tampered-sig.crt', 'negative/pool.crt', 'Signature: does not match'],
    ['negative/no-issuer.crt', 'negative/pool.crt', 'Issuer: is empty'],
    ['negative/not-yet-valid.crt', 'negative/pool.crt', 'NotBefore: valid from 2033-05-18', 'set the clock'],
    ['negative/notafter-after-ca.crt', 'negative/pool.crt', 'notAfter: is after that of its CA'],
    ['v1-161/expired.crt', 'v1-161/ca.crt', 'NotAfter: expired 2026-11-22T19:07:48Z', 'nebula-cert sign'],
    ['v2-1110/expired.crt', 'v2-1110/ca.crt', 'NotAfter: expired', 'it is 2030-01-01T00:00:00Z'],
    ['v1-161-expiredca/host-a.crt', 'v1-161-expiredca/ca.crt', 'v1-161-expiredca/ca.crt: the CA ', 'expired'],
    [
      'v1-161-otherca/host-a.crt',
      'v1-161/ca.crt',
      'is not in v1-161/ca.crt',
      read('v1-161/ca.crt').fingerprint,
    ],
    ['v1-161/ca.crt', 'v1-161/ca.crt', 'this is a CA certificate'],
  ]
  for (const [path, pool, ...details] of cases) {
    refuses(
      t,
      () => {
        verify(path, pool)
      },
      'CertificateRefused',
      ...details,
    )
  }
  t.end()
})

t.test('each file of the hostile set is refused unless it is known to be valid', (t) => {
  const good = ['constraint-ok', 'good-handmade', 'hostbits-subnet', 'no-subnets', 'pem-crlf']
  const accepted = filesEndingIn('.crt')
    .filter((path) => path.startsWith('negative/'))
    .filter((path) => {
      try {
        verify(path, 'negative/pool.crt')
        return true
      } catch (error) {
        t.ok(error instanceof CniError, path)
        return false
      }
    })
  t.same(
    accepted,
    good.map((name) => `negative/${name}.crt`),
  )
  t.end()
})

t.test('the validity of host and CA includes both of its ends', (t) => {
  const authority = issueAuthority(2, 'CURVE25519', { notBefore: 1000, notAfter: 2000 })
  const pool = caPool(authority.pem, 'ca')
  const at = (now: number, pem: string): void => {
    const [certificate] = parseCertificates(pem, 'f')
    if (certificate) verifyCertificate(certificate, pool, { now, source: 'f' })
  }
  const inner = issueHost(authority, 2, { notBefore: 1100, notAfter: 1900 }).pem
  const same = issueHost(authority, 2, { notBefore: 1000, notAfter: 2000 }).pem
  for (const now of [1100, 1500, 1900])
    t.doesNotThrow(() => {
      at(now, inner)
    }, String(now))
  for (const now of [1000, 2000])
    t.doesNotThrow(() => {
      at(now, same)
    }, String(now))
  refuses(
    t,
    () => {
      at(1099, inner)
    },
    'CertificateRefused',
    'f: "host-a": NotBefore',
  )
  refuses(
    t,
    () => {
      at(1901, inner)
    },
    'CertificateRefused',
    'f: "host-a": NotAfter',
  )
  refuses(
    t,
    () => {
      at(999, same)
    },
    'CertificateRefused',
    'ca: the CA "test CA": NotBefore',
  )
  refuses(
    t,
    () => {
      at(2001, same)
    },
    'CertificateRefused',
    'ca: the CA "test CA": NotAfter',
  )
  t.end()
})

t.test('a CA certificate signed by another CA is refused: there are no chains', (t) => {
  const authority = issueAuthority(1, 'CURVE25519')
  for (const version of [1, 2] as const) {
    const [leaf] = parseCertificates(issueHost(authority, version, { isCa: true }).pem, 'f')
    const run = (): void => {
      if (leaf) verifyCertificate(leaf, caPool(authority.pem, 'ca'), { now: MEANTIME, source: 'f' })
    }
    refuses(t, run, 'CertificateRefused', 'isCA')
  }
  t.end()
})

t.test('a certificate whose curve is not that of its CA is refused', (t) => {
  for (const [curve, other] of [['CURVE25519', 'P256'] as const, ['P256', 'CURVE25519'] as const]) {
    const authority = issueAuthority(2, curve)
    // Signatures of both kinds, so that the curve alone decides.
    const signer: Authority = { ...issueAuthority(2, other), fingerprint: authority.fingerprint }
    const [certificate] = parseCertificates(issueHost(signer, 2).pem, 'f')
    const run = (): void => {
      if (certificate)
        verifyCertificate(certificate, caPool(authority.pem, 'ca'), { now: MEANTIME, source: 'f' })
    }
    refuses(t, run, 'CertificateRefused', `curve: ${other}, its CA has ${curve}`)
  }
  t.end()
})

t.test('the blocklist is checked before anything else', (t) => {
  const path = 'v1-161/expired.crt'
  const { fingerprint } = read(path)
  refuses(
    t,
    () => {
      verify(path, 'v1-161/ca.crt', NOW, new Set([fingerprint]))
    },
    'CertificateRefused',
    fingerprint,
    'blocklist',
  )
  t.doesNotThrow(() => {
    verify('v1-161/host-a.crt', 'v1-161/ca.crt', NOW, new Set([fingerprint]))
  })
  t.end()
})

t.test('a P256 certificate stays blocked with the other form of its signature', (t) => {
  for (const path of ['v1-193-p256/host-a.crt', 'v2-1110-p256/host-a.crt']) {
    const original = read(path)
    const other = otherForm(original.signature)
    if (other === undefined) throw new Error(path)
    const { version, signedBytes, publicKey } = original
    const details = version === 1 ? signedBytes : signedBytes.subarray(0, -publicKey.length - 1)
    const [twin] = parseCertificates(
      assemble(version, original, { details, signedBytes: Buffer.from(signedBytes), signature: other }).pem,
      'twin',
    )
    if (twin === undefined) throw new Error(path)
    const pool = caPool(file(path.replace('host-a', 'ca')), 'ca')
    t.not(twin.fingerprint, original.fingerprint)
    t.same(new Set(fingerprints(twin)), new Set(fingerprints(original)))
    t.doesNotThrow(() => {
      verifyCertificate(twin, pool, { now: NOW, source: 'twin' })
    }, 'it does verify')
    const blocklist = new Set([original.fingerprint])
    const run = (): void => {
      verifyCertificate(twin, pool, { now: NOW, source: 'twin', blocklist })
    }
    refuses(t, run, 'CertificateRefused', original.fingerprint)
  }
  t.end()
})

t.test('times are shown in UTC, to the second', (t) => {
  t.equal(formatTime(1_795_374_467), '2026-11-22T19:07:47Z')
  t.equal(formatTime(0), '1970-01-01T00:00:00Z')
  t.end()
})
