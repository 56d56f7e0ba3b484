// Checks whether a private key file belongs to a certificate.

import type { Certificate } from '../certificate/certificate.ts'
import { type PrivateKey, readPrivateKey } from './private-key.ts'

/**
 * Returns whether the private key in `keyPem` belongs to the certificate's public key; false for a key of
 * another curve or purpose. Throws CniError DecodeFailure for text that is not a Nebula private key; `source`
 * names its file.
 */
export function keyMatches(certificate: Certificate, keyPem: string, source: string): boolean {
  return isKeyOf(certificate, readPrivateKey(keyPem, source))
}

/**
 * Like {@link keyMatches}, for a key already read. Throws CniError DecodeFailure for a number that is not a
 * key of its curve.
 */
export function isKeyOf(certificate: Certificate, key: PrivateKey): boolean {
  if (key.curve !== certificate.curve || key.isCa !== certificate.isCa) return false
  return key.publicKey().equals(certificate.publicKey)
}
