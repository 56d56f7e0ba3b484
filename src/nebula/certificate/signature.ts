// Checks whether a CA's key signed a certificate.

import { createPublicKey, verify } from 'node:crypto'

import type { Certificate, Curve } from './certificate.ts'

// SubjectPublicKeyInfo around the bare key bytes: RFC 8410 section 10.1 (Ed25519), RFC 5480 section 2
// (P-256).
const SPKI: Readonly<Record<Curve, Buffer>> = {
  CURVE25519: Buffer.from('302a300506032b6570032100', 'hex'),
  P256: Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex'),
}

/** Returns whether the CA signed the certificate; false for a CA of another curve. */
export function isSignedBy({ curve, signedBytes, signature }: Certificate, authority: Certificate): boolean {
  return curve === authority.curve && isSignatureOf(authority, signedBytes, signature)
}

/**
 * Verifies Ed25519 over the bytes, or ECDSA over their SHA-256, with the key of a CA. Returns false for a key
 * that is not a point on the curve.
 */
export function isSignatureOf(
  { curve, publicKey }: Certificate,
  bytes: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    const key = createPublicKey({
      key: Buffer.concat([SPKI[curve], publicKey]),
      format: 'der',
      type: 'spki',
    })
    return verify(curve === 'P256' ? 'sha256' : null, bytes, key, signature)
  } catch {
    // OpenSSL throws when the 65 bytes are not a point on the curve. The error code depends on its version.
    return false
  }
}
