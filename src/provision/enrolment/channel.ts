// The channel of an enrolment: TLS 1.2 with the code as pre-shared key. Node's TLS 1.3 takes no pre-shared
// key of ours. ECDHE-PSK (RFC 7905) agrees on a fresh key for each connection, so a code that leaks later
// opens nothing that was recorded.

import { constants, hkdfSync } from 'node:crypto'

/** The TCP port of an invitation, unless another is chosen. */
export const ENROLMENT_PORT = 4290

/** What both sides pass to node:tls. */
export const CHANNEL = {
  ciphers: 'ECDHE-PSK-CHACHA20-POLY1305',
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.2',
  ecdhCurve: 'X25519:P-256',
  // Each connection proves the code. A ticket would stand for it.
  secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
} as const

/** What a code stands for on the wire. */
export interface Secret {
  /** Sent in the clear, to tell an ended invitation from a mistyped code. It says nothing of the key. */
  readonly identity: string
  readonly key: Buffer
}

/** Derives from a code (HKDF, RFC 5869). @param code its bytes */
export function secretOf(code: Uint8Array): Secret {
  const derive = (what: string, bytes: number): Buffer =>
    Buffer.from(hkdfSync('sha256', code, '', `flatnet enrolment 1 ${what}`, bytes))
  return { identity: derive('identity', 16).toString('hex'), key: derive('key', 32) }
}
