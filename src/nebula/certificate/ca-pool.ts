// The CAs that a host trusts (pki.ca): one or more self-signed blocks, of either certificate version.

import type { Certificate } from './certificate.ts'
import { parseCertificates } from './parse.ts'
import { quoted, refused } from './refusal.ts'
import { isSignedBy } from './signature.ts'

/** Trusted CAs by fingerprint. Expired CAs are kept so that a refusal can name expiry as the reason. */
export interface CaPool {
  readonly source: string
  readonly authorities: ReadonlyMap<string, Certificate>
}

/**
 * Reads a CA bundle. Throws CniError CertificateRefused when a block is not a CA or is not signed by its own
 * key. Also throws what {@link parseCertificates} throws.
 */
export function caPool(pem: string, source: string): CaPool {
  const authorities = new Map<string, Certificate>()
  for (const authority of parseCertificates(pem, source)) {
    const name = quoted(authority.name)
    if (!authority.isCa)
      throw refused(source, `${name} is not a CA certificate: use the ca.crt that signed the hosts`)
    if (!isSignedBy(authority, authority)) {
      throw refused(source, `the CA ${name} did not sign itself: copy ca.crt again from where it was made`)
    }
    authorities.set(authority.fingerprint, authority)
  }
  return { source, authorities }
}
