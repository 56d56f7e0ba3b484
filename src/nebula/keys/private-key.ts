// Reads a Nebula private key file. Other files decide what the key is for and whether it is the right one.

import { createECDH, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'

import type { Curve } from '../certificate/certificate.ts'
import { type PemBlock, readPem } from '../certificate/pem.ts'
import { quoted, undecodable } from '../certificate/refusal.ts'

// PrivateKeyInfo around the bare 32 bytes (RFC 8410, section 7). X25519 and Ed25519 differ in one byte of the
// identifier.
const X25519 = Buffer.from('302e020100300506032b656e04220420', 'hex')
const ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex')
// ECPrivateKey around the bare bytes (RFC 5915, section 3): version 1 and the key, then prime256v1. OpenSSL
// computes the public half.
const P256 = Buffer.from('30310201010420', 'hex')
const P256_END = Buffer.from('a00a06082a8648ce3d030107', 'hex')

/** A private key in Nebula's file format. */
export interface PrivateKey {
  readonly curve: Curve
  /** True for a CA's signing key, false for a host's agreement key. */
  readonly isCa: boolean
  /**
   * Returns the public key as a certificate holds it. Throws CniError DecodeFailure for a number that is not
   * a key of the curve.
   */
  readonly publicKey: () => Buffer
  /**
   * Returns the key for node:crypto, as an opaque object so that no log can show it. Throws like `publicKey`.
   */
  readonly keyObject: () => KeyObject
}

/** What a banner says of a key. */
export interface KeyKind {
  readonly curve: Curve
  readonly isCa: boolean
  readonly bytes: number
}

// From cert/pem.go. An Ed25519 key file holds seed and public key; only the seed matters.
const KINDS: ReadonlyMap<string, KeyKind> = new Map([
  ['NEBULA X25519 PRIVATE KEY', { curve: 'CURVE25519', isCa: false, bytes: 32 }],
  ['NEBULA P256 PRIVATE KEY', { curve: 'P256', isCa: false, bytes: 32 }],
  ['NEBULA ED25519 PRIVATE KEY', { curve: 'CURVE25519', isCa: true, bytes: 64 }],
  ['NEBULA ECDSA P256 PRIVATE KEY', { curve: 'P256', isCa: true, bytes: 32 }],
])

/**
 * Reads the first key in `keyPem`. Throws CniError DecodeFailure for text that is not a Nebula private key;
 * `source` names its file.
 */
export function readPrivateKey(keyPem: string, source: string): PrivateKey {
  const [block] = readPem(keyPem, source)
  if (block === undefined) throw new TypeError('readPem gives one block at least')
  const kind = KINDS.get(block.banner)
  if (kind === undefined) throw noKey(block)
  return privateKeyOf(kind, block.bytes, block.where)
}

/** Makes a key of its bytes. Throws CniError DecodeFailure for a wrong number of them. */
export function privateKeyOf(kind: KeyKind, bytes: Buffer, where: string): PrivateKey {
  if (bytes.length !== kind.bytes) {
    throw undecodable(
      where,
      `the key has ${String(bytes.length)} bytes, not ${String(kind.bytes)}; make a new one`,
    )
  }
  const { curve, isCa } = kind
  // Only P-256 has invalid numbers: 0, and everything from the group order up.
  const orRefuse = <T>(make: () => T): T => {
    try {
      return make()
    } catch (cause) {
      throw undecodable(where, `the number is not a ${curve} key (${String(cause)}); make a new one`)
    }
  }
  return {
    curve,
    isCa,
    publicKey: () => orRefuse(() => publicHalf(kind, bytes)),
    keyObject: () => orRefuse(() => keyObjectOf(kind, bytes)),
  }
}

function publicHalf(kind: KeyKind, bytes: Buffer): Buffer {
  if (kind.curve === 'CURVE25519') {
    return createPublicKey(keyObjectOf(kind, bytes)).export({ format: 'der', type: 'spki' }).subarray(-32)
  }
  const ecdh = createECDH('prime256v1')
  ecdh.setPrivateKey(bytes)
  return ecdh.getPublicKey()
}

function keyObjectOf({ curve, isCa }: KeyKind, bytes: Buffer): KeyObject {
  if (curve === 'P256') {
    return createPrivateKey({ key: Buffer.concat([P256, bytes, P256_END]), format: 'der', type: 'sec1' })
  }
  const key = Buffer.concat([isCa ? ED25519 : X25519, bytes.subarray(0, 32)])
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
}

function noKey({ banner, where }: PemBlock): Error {
  const remedy = banner.includes('ENCRYPTED')
    ? 'host keys are never encrypted, so this is a CA key, which must not be on a host'
    : 'use the .key file that nebula-cert wrote'
  return undecodable(where, `the block is a ${quoted(banner)}, not a Nebula private key: ${remedy}`)
}
