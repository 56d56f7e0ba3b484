// Whether a private key file belongs to a certificate.

import type { Certificate } from './certificate.ts'
import { type PrivateKey, readPrivateKey } from './private-key.ts'

/**
 * Whether the private key in `keyPem` makes the certificate's public key; false for a key of another curve or purpose.
 * Throws CniError DecodeFailure for text that is no Nebula private key; `source` names its file.
 */
export function keyMatches(certificate: Certificate, keyPem: string, source: string): boolean {
  return isKeyOf(certificate, readPrivateKey(keyPem, source))
}

/** The same for a key that has been read. Throws CniError DecodeFailure for a number that is no key of its curve. */
export function isKeyOf(certificate: Certificate, key: PrivateKey): boolean {
  if (key.curve !== certificate.curve || key.isCa !== certificate.isCa) return false
  return key.publicKey().equals(certificate.publicKey)
}
