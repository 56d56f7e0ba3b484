// Decides whether to trust a certificate: Nebula's checks in Nebula's order (cert/ca_pool.go, `verify`), plus
// one.

import type { CaPool } from './ca-pool.ts'
import type { Certificate } from './certificate.ts'
import { brokenConstraint } from './constraints.ts'
import { fingerprints } from './fingerprint.ts'
import { quoted, refused } from './refusal.ts'
import { isSignedBy } from './signature.ts'

/** The inputs of verification besides the certificate and the CAs. */
export interface VerifyOptions {
  /** Unix seconds. */
  readonly now: number
  /** Lowercase hex fingerprints (`pki.blocklist`). */
  readonly blocklist?: ReadonlySet<string>
  /** The certificate's file, or the host that sent it. Used in errors. */
  readonly source: string
}

/**
 * Returns when `certificate` is a host certificate, signed by a CA of the pool, valid at `now` and within the
 * CA's limits. Throws CniError CertificateRefused otherwise.
 */
export function verifyCertificate(certificate: Certificate, pool: CaPool, options: VerifyOptions): void {
  const { now, blocklist, source } = options
  const where = `${source}: ${quoted(certificate.name)}`
  // The extra check. Nebula accepts a CA certificate signed by another CA, but it has no chains, so such a
  // certificate is useless.
  if (certificate.isCa) throw refused(where, 'isCA: this is a CA certificate; give the host certificate')
  const listed = fingerprints(certificate).find((fingerprint) => blocklist?.has(fingerprint))
  if (listed !== undefined) {
    const remedy = 'sign a new certificate for a new key'
    throw refused(where, `fingerprint ${listed} is on the blocklist; ${remedy}`, 'blocklisted')
  }
  const authority = findAuthority(certificate, pool, where)
  if (certificate.curve !== authority.curve) {
    throw refused(
      where,
      `curve: ${certificate.curve}, its CA has ${authority.curve}; sign it with the right CA`,
    )
  }
  checkValidity(
    authority,
    now,
    `${pool.source}: the CA ${quoted(authority.name)}`,
    'make a new CA and sign the hosts again',
  )
  checkValidity(certificate, now, where, 'sign a new one with nebula-cert sign and reload Nebula')
  if (!isSignedBy(certificate, authority)) {
    throw refused(
      where,
      'Signature: does not match, the file was changed or forged; copy it again from where it was signed',
      'forged',
    )
  }
  const broken = brokenConstraint(certificate, authority)
  if (broken !== undefined) throw refused(where, broken)
}

/** Formats Unix seconds as ISO 8601 text in UTC, without fractions. */
export function formatTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}

function findAuthority({ issuer }: Certificate, pool: CaPool, where: string): Certificate {
  if (issuer === '') throw refused(where, 'Issuer: is empty; sign it with a CA')
  const authority = pool.authorities.get(issuer)
  if (authority !== undefined) return authority
  // Names alone do not help: a second CA with the same name is a common mistake. So list the fingerprints
  // too.
  const known = [...pool.authorities.values()].map(
    ({ name, fingerprint }) => `${quoted(name)} ${fingerprint}`,
  )
  throw refused(
    where,
    `Issuer: the CA ${issuer} is not in ${pool.source}, which has ${known.join(', ')}; ` +
      'add the CA that signed it there, or sign it again with one of these',
    'foreign-ca',
  )
}

// Both ends are inclusive (cert/cert_v1.go, `Expired`).
function checkValidity(
  { notBefore, notAfter }: Certificate,
  now: number,
  where: string,
  remedy: string,
): void {
  if (now < notBefore) {
    throw refused(
      where,
      `NotBefore: valid from ${formatTime(notBefore)}, but it is ${formatTime(now)} here; ` +
        "if that is wrong, set the clock (WSL2's stops while the machine sleeps)",
      'not-yet-valid',
    )
  }
  if (now > notAfter) {
    const times = `expired ${formatTime(notAfter)}, and it is ${formatTime(now)} here`
    throw refused(where, `NotAfter: ${times}; ${remedy}`, 'expired')
  }
}
