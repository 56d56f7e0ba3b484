// The key with which two agents sign what they say to each other.

import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'

const INFO = 'flatnet probe v1'
const KEY_BYTES = 32

/**
 * HKDF-SHA256 (RFC 5869) of the hosts' shared secret (nebula/shared-secret.ts), salted with both certificates'
 * fingerprints, lower-case hex, in sorted order: either side gets the same key, and a certificate signed anew gets
 * another. The result is opaque, so that no log can show it, and signs six times as fast as bare bytes (Node 24).
 */
export function probeKey(secret: Uint8Array, fingerprintA: string, fingerprintB: string): KeyObject {
  const salt = Buffer.from([fingerprintA, fingerprintB].sort().join(''), 'hex')
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, salt, INFO, KEY_BYTES)))
}
