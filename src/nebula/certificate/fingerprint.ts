// The name of a certificate in issuer fields and block lists: a SHA-256 over the signed bytes and the
// signature.

import { hash } from 'node:crypto'

import type { Certificate } from './certificate.ts'
import { otherForm } from './p256.ts'
import { writeFields } from './protobuf.ts'

/**
 * Returns the SHA-256 in lowercase hex. Version 1 hashes the canonical protobuf message. Version 2 hashes
 * details, curve byte, public key and signature one after another, without the DER around them
 * (cert/cert_v1.go, cert/cert_v2.go, `Fingerprint`).
 */
export function fingerprintOf(version: 1 | 2, signedBytes: Uint8Array, signature: Uint8Array): string {
  const whole =
    version === 1
      ? writeFields([
          { number: 1, value: signedBytes },
          { number: 2, value: signature },
        ])
      : Buffer.concat([signedBytes, signature])
  return hash('sha256', whole)
}

/**
 * Returns every fingerprint under which this certificate verifies: one, and for P256 also the one with n - s.
 */
export function fingerprints(certificate: Certificate): string[] {
  const other = certificate.curve === 'P256' ? otherForm(certificate.signature) : undefined
  return other === undefined
    ? [certificate.fingerprint]
    : [certificate.fingerprint, fingerprintOf(certificate.version, certificate.signedBytes, other)]
}
