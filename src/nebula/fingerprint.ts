// What a certificate is called in issuers and block lists: a SHA-256 over everything that was signed and the signature.

import { hash } from 'node:crypto'

import type { Certificate } from './certificate.ts'
import { otherForm } from './p256.ts'
import { writeFields } from './protobuf.ts'

/**
 * Lower-case hex SHA-256. Version 1: of the canonical protobuf message. Version 2: of details, curve byte, public key
 * and signature one after another, not of the DER around them (cert/cert_v1.go, cert/cert_v2.go, `Fingerprint`).
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

/** Every fingerprint under which this certificate verifies: one, or for P256 the one with n - s as well. */
export function fingerprints(certificate: Certificate): string[] {
  const other = certificate.curve === 'P256' ? otherForm(certificate.signature) : undefined
  return other === undefined
    ? [certificate.fingerprint]
    : [certificate.fingerprint, fingerprintOf(certificate.version, certificate.signedBytes, other)]
}
