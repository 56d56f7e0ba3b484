// What only this host and one peer can know: the static Diffie-Hellman secret of their certificates' keys. Nebula makes
// its handshakes from the same keys, so whoever has this secret could be that host anyway.

import { createPublicKey, diffieHellman, type KeyObject } from 'node:crypto'

import type { Certificate, Curve } from './certificate.ts'
import { isKeyOf } from './keypair.ts'
import { readPrivateKey } from './private-key.ts'
import { quoted, refused } from './refusal.ts'

// SubjectPublicKeyInfo around the bare key bytes: RFC 8410, section 4 (X25519), RFC 5480, section 2 (P-256).
const SPKI: Readonly<Record<Curve, { readonly prefix: Buffer; readonly bytes: number }>> = {
  CURVE25519: { prefix: Buffer.from('302a300506032b656e032100', 'hex'), bytes: 32 },
  P256: { prefix: Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex'), bytes: 65 },
}

/** This host's private key, known to be its certificate's. */
export interface HostKey {
  readonly curve: Curve
  readonly privateKey: KeyObject
}

/**
 * The host's key out of the text of its key file. Throws CniError DecodeFailure for text that is no Nebula private key,
 * CertificateRefused for a CA's key and for a key of another certificate; `source` names the file.
 */
export function hostKey(keyPem: string, certificate: Certificate, source: string): HostKey {
  const key = readPrivateKey(keyPem, source)
  if (key.isCa) {
    throw refused(
      source,
      'is the key of a CA, which belongs nowhere near a host: give the .key file that was made with the host certificate',
    )
  }
  if (!isKeyOf(certificate, key)) {
    throw refused(
      source,
      `the key does not belong to the certificate of ${quoted(certificate.name)}: put the .key file in place that was made with this certificate, or sign a new pair with nebula-cert`,
    )
  }
  return { curve: key.curve, privateKey: key.keyObject() }
}

/**
 * The 32 bytes that both hosts can compute (RFC 7748, section 6.1; SEC 1, section 3.3.1). Not a key by itself: derive
 * one. `peerPublicKey` is 32 bytes (X25519) or 65 (P-256), as a certificate holds it. Undefined for a key of another
 * curve, and for bytes with which no secret can be had: no point of the curve, or one of small order.
 */
export function sharedSecret({ curve, privateKey }: HostKey, peerPublicKey: Uint8Array): Buffer | undefined {
  const { prefix, bytes } = SPKI[curve]
  // The length tells the curves apart.
  if (peerPublicKey.length !== bytes) return undefined
  try {
    const publicKey = createPublicKey({
      key: Buffer.concat([prefix, peerPublicKey]),
      format: 'der',
      type: 'spki',
    })
    return diffieHellman({ privateKey, publicKey })
  } catch {
    // OpenSSL throws where the bytes are no usable point, with a code that depends on its version.
    return undefined
  }
}
