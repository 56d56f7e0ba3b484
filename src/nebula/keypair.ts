// Whether a private key file belongs to a certificate.

import { createECDH, createPrivateKey, createPublicKey } from 'node:crypto'

import type { Certificate, Curve } from './certificate.ts'
import { type PemBlock, readPem } from './pem.ts'
import { quoted, undecodable } from './refusal.ts'

// PrivateKeyInfo around the bare 32 bytes (RFC 8410, section 7); X25519 and Ed25519 differ in one byte of the identifier.
const X25519 = '302e020100300506032b656e04220420'
const ED25519 = '302e020100300506032b657004220420'

interface Kind {
  readonly curve: Curve
  readonly isCa: boolean
  readonly bytes: number
  readonly derive: (key: Buffer) => Buffer
}

// cert/pem.go. An Ed25519 key file holds seed and public key; only the seed decides.
const KINDS: ReadonlyMap<string, Kind> = new Map([
  ['NEBULA X25519 PRIVATE KEY', kind('CURVE25519', false, 32, (key) => edwardsPublic(X25519, key))],
  ['NEBULA P256 PRIVATE KEY', kind('P256', false, 32, p256Public)],
  [
    'NEBULA ED25519 PRIVATE KEY',
    kind('CURVE25519', true, 64, (key) => edwardsPublic(ED25519, key.subarray(0, 32))),
  ],
  ['NEBULA ECDSA P256 PRIVATE KEY', kind('P256', true, 32, p256Public)],
])

/**
 * Whether the private key in `keyPem` makes the certificate's public key; false for a key of another curve or purpose.
 * Throws CniError DecodeFailure for text that is no Nebula private key; `source` names its file.
 */
export function keyMatches(certificate: Certificate, keyPem: string, source: string): boolean {
  const [block] = readPem(keyPem, source)
  if (block === undefined) return false
  const found = KINDS.get(block.banner)
  if (found === undefined) throw noKey(block)
  if (block.bytes.length !== found.bytes) {
    throw undecodable(
      block.where,
      `the key has ${String(block.bytes.length)} bytes, not ${String(found.bytes)}; make a new one`,
    )
  }
  if (found.curve !== certificate.curve || found.isCa !== certificate.isCa) return false
  let derived: Buffer
  try {
    derived = found.derive(block.bytes)
  } catch (cause) {
    // Only P-256 has numbers that are no key: 0 and everything from the order of the group on.
    throw undecodable(block.where, `the number is no ${found.curve} key (${String(cause)}); make a new one`)
  }
  return derived.equals(certificate.publicKey)
}

function kind(curve: Curve, isCa: boolean, bytes: number, derive: Kind['derive']): Kind {
  return { curve, isCa, bytes, derive }
}

function edwardsPublic(prefix: string, key: Buffer): Buffer {
  const privateKey = createPrivateKey({
    key: Buffer.concat([Buffer.from(prefix, 'hex'), key]),
    format: 'der',
    type: 'pkcs8',
  })
  return createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32)
}

function p256Public(key: Buffer): Buffer {
  const ecdh = createECDH('prime256v1')
  ecdh.setPrivateKey(key)
  return ecdh.getPublicKey()
}

function noKey({ banner, where }: PemBlock): Error {
  const remedy = banner.includes('ENCRYPTED')
    ? 'host keys are never encrypted, this is a CA key that belongs nowhere near a host'
    : 'give the .key file that nebula-cert wrote'
  return undecodable(where, `the block is a ${quoted(banner)}, not a Nebula private key: ${remedy}`)
}
