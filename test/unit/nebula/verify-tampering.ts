// Every certificate that can be issued verifies, and nothing that differs from it does.

import fc from 'fast-check'
import t from 'tap'

import { CniError } from '../../../src/cni/error.ts'
import { caPool, type CaPool } from '../../../src/nebula/certificate/ca-pool.ts'
import type { Certificate, Curve } from '../../../src/nebula/certificate/certificate.ts'
import { parseCertificates } from '../../../src/nebula/certificate/parse.ts'
import { verifyCertificate } from '../../../src/nebula/certificate/verify.ts'
import { hostFacts } from './fixtures/arbitrary.ts'
import { issueAuthority, issueHost, pemOf, type Version } from './fixtures/issue.ts'
import { holdsForAll } from './fixtures/property.ts'

// Inside the validity of everything issued here.
const MEANTIME = 1_900_000_000

const KINDS: readonly (readonly [Version, Curve])[] = [
  [1, 'CURVE25519'],
  [1, 'P256'],
  [2, 'CURVE25519'],
  [2, 'P256'],
]

t.test('random certificates of every kind are read with their own facts, and verify', (t) => {
  for (const [version, curve] of KINDS) {
    const authority = issueAuthority(version, curve)
    const pool = caPool(authority.pem, 'ca')
    holdsForAll(
      t,
      hostFacts(version),
      (facts) => {
        const issued = issueHost(authority, version, facts)
        const [certificate] = parseCertificates(issued.pem, 'f')
        if (certificate === undefined) throw new Error('no certificate')
        verifyCertificate(certificate, pool, { now: MEANTIME, source: 'f' })
        for (const [field, value] of Object.entries(facts)) {
          if (plain(certificate[field as keyof Certificate]) !== plain(value))
            throw new Error(`${field} differs`)
        }
        if (certificate.fingerprint !== issued.fingerprint) throw new Error('fingerprint differs')
        if (certificate.issuer !== authority.fingerprint) throw new Error('issuer differs')
      },
      100,
    )
  }
  t.end()
})

t.test('no single bit can be changed unnoticed', (t) => {
  for (const [version, curve] of KINDS) {
    const authority = issueAuthority(version, curve)
    const pool = caPool(authority.pem, 'ca')
    const { bytes } = issueHost(authority, version, { groups: ['a', 'bc'] })
    const unnoticed: number[] = []
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      if (isAccepted(pool, version, changed)) unnoticed.push(bit)
    }
    t.same(unnoticed, [], `version ${String(version)}, ${curve}, ${String(bytes.length * 8)} bits`)
  }
  t.end()
})

t.test('no change of bytes is accepted, and each gives a CniError', (t) => {
  for (const [version, curve] of KINDS) {
    const authority = issueAuthority(version, curve)
    const pool = caPool(authority.pem, 'ca')
    const { bytes } = issueHost(authority, version, { groups: ['a', 'bc'] })
    const change = fc.tuple(fc.nat(bytes.length), fc.nat(4), fc.uint8Array({ maxLength: 4 }))
    holdsForAll(t, fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      let changed = bytes
      for (const [at, drop, insert] of changes) {
        changed = Buffer.concat([changed.subarray(0, at), insert, changed.subarray(at + drop)])
      }
      if (!changed.equals(bytes) && isAccepted(pool, version, changed))
        throw new Error(changed.toString('hex'))
    })
    holdsForAll(t, fc.uint8Array({ maxLength: 200 }), (noise) => {
      if (isAccepted(pool, version, noise)) throw new Error('noise was accepted')
    })
  }
  t.end()
})

function isAccepted(pool: CaPool, version: Version, bytes: Uint8Array): boolean {
  try {
    for (const certificate of parseCertificates(pemOf(version, bytes), 'f')) {
      verifyCertificate(certificate, pool, { now: MEANTIME, source: 'f' })
    }
    return true
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    return false
  }
}

function plain(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? String(each) : each))
}
