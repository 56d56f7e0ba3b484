// How one HTTP Gateway proves to another host's agent whose it is: both hosts know a key that follows from
// their two certificates, and only they do. The agent sends a nonce over the LAN, nginx signs it
// (lua/flatnet/api.lua). Pure.

import { createHmac, type KeyObject } from 'node:crypto'

/** What one host's nginx holds for one other host. Hexadecimal. */
export interface ProofKey {
  /** Names the key in a question. 16 digits. */
  readonly id: string
  /** 64 digits. */
  readonly secret: string
}

/** @param shared the key of all messages between the two hosts (src/paths/probe/key.ts) */
export function proofKey(shared: KeyObject): ProofKey {
  const derive = (what: string): string =>
    createHmac('sha256', shared).update(`flatnet http-gateway v1 ${what}`).digest('hex')
  return { id: derive('id').slice(0, 16), secret: derive('secret') }
}

/**
 * The proof that the host with this overlay address gives for a nonce. The address keeps another host from
 * handing on the question of a host to that host itself. HMAC-SHA1 is what nginx's Lua has everywhere.
 */
export function proofOf({ secret }: ProofKey, overlay: string, nonce: string): string {
  return createHmac('sha1', secret).update(`flatnet http-gateway v1\n${overlay}\n${nonce}`).digest('base64')
}
