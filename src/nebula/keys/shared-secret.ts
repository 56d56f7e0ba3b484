// The static Diffie-Hellman secret of this host and one peer, from the keys of their certificates. Only these
// two hosts can compute it. Nebula derives its handshakes from the same keys, so an attacker who has this
// secret could impersonate the host anyway.

import { createPublicKey, diffieHellman, type KeyObject } from 'node:crypto'

import type { Certificate, Curve } from '../certificate/certificate.ts'
import { isKeyOf } from './keypair.ts'
import { readPrivateKey } from './private-key.ts'
import { quoted, refused } from '../certificate/refusal.ts'

// SubjectPublicKeyInfo around the bare key bytes: RFC 8410, section 4 (X25519), RFC 5480, section 2 (P-256).
const SPKI: Readonly<Record<Curve, { readonly prefix: Buffer; readonly bytes: number }>> = {
  CURVE25519: { prefix: Buffer.from('302a300506032b656e032100', 'hex'), bytes: 32 },
  P256: { prefix: Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex'), bytes: 65 },
}

/** This host's private key, checked against its certificate. */
export interface HostKey {
  readonly curve: Curve
  readonly privateKey: KeyObject
}

/**
 * Reads the host's key from the text of its key file. Throws CniError DecodeFailure for text that is not a
 * Nebula private key, and CertificateRefused for a CA's key or the key of another certificate; `source` names
 * the file.
 */
export function hostKey(keyPem: string, certificate: Certificate, source: string): HostKey {
  const key = readPrivateKey(keyPem, source)
  if (key.isCa) {
    throw refused(
      source,
      'is the key of a CA, which must not be on a host: use the .key file that was made with the ' +
        'host certificate',
    )
  }
  if (!isKeyOf(certificate, key)) {
    throw refused(
      source,
      `the key does not belong to the certificate of ${quoted(certificate.name)}: ` +
        'use the .key file that was made with this certificate, or sign a new pair with nebula-cert',
    )
  }
  return { curve: key.curve, privateKey: key.keyObject() }
}

/**
 * Returns the 32 bytes that both hosts can compute (RFC 7748, section 6.1; SEC 1, section 3.3.1). They are
 * not a key: derive one from them. `peerPublicKey` has 32 bytes (X25519) or 65 (P-256), as in a certificate.
 * Returns undefined for a key of another curve, and for bytes that give no secret: not a point on the curve,
 * or a point of small order.
 */
export function sharedSecret({ curve, privateKey }: HostKey, peerPublicKey: Uint8Array): Buffer | undefined {
  const { prefix, bytes } = SPKI[curve]
  // The curves differ in key length.
  if (peerPublicKey.length !== bytes) return undefined
  try {
    const publicKey = createPublicKey({
      key: Buffer.concat([prefix, peerPublicKey]),
      format: 'der',
      type: 'spki',
    })
    return diffieHellman({ privateKey, publicKey })
  } catch {
    // OpenSSL throws when the bytes are not a usable point. The error code depends on its version.
    return undefined
  }
}
