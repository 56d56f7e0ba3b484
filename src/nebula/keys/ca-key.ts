// Reads the signing key of a CA, which may be encrypted with a passphrase.

import * as crypto from 'node:crypto'
import { CniCode, CniError } from '../../cni/error.ts'
import { type PemBlock, readPem } from '../certificate/pem.ts'
import { type Field, readFields } from '../certificate/protobuf.ts'
import { refused, undecodable } from '../certificate/refusal.ts'
import { type KeyKind, type PrivateKey, privateKeyOf, readPrivateKey } from './private-key.ts'

// cert/pem.go, EncryptedEd25519PrivateKeyBanner and EncryptedECDSAP256PrivateKeyBanner.
const ENCRYPTED: ReadonlyMap<string, KeyKind> = new Map([
  ['NEBULA ED25519 ENCRYPTED PRIVATE KEY', { curve: 'CURVE25519', isCa: true, bytes: 64 }],
  ['NEBULA ECDSA P256 ENCRYPTED PRIVATE KEY', { curve: 'P256', isCa: true, bytes: 32 }],
])

/** Returns whether the text is a key that opens with a passphrase. */
export function isEncryptedKey(keyPem: string): boolean {
  return /^-----BEGIN NEBULA [A-Z0-9 ]*ENCRYPTED PRIVATE KEY-----\s*$/m.test(keyPem)
}

/**
 * Reads a CA's key. @param passphrase of an encrypted key
 * @throws CniError DecodeFailure for text that is not a key of a CA, CertificateRefused for a wrong
 * passphrase
 */
export function readCaKey(keyPem: string, source: string, passphrase: string | undefined): PrivateKey {
  const [block] = readPem(keyPem, source)
  if (block === undefined) throw new TypeError('readPem gives one block at least')
  const kind = ENCRYPTED.get(block.banner)
  const key =
    kind === undefined
      ? readPrivateKey(keyPem, source)
      : privateKeyOf(kind, decrypted(block, passphrase ?? ''), source)
  if (key.isCa) return key
  throw refused(source, 'is the key of a host, not of a CA: use the ca.key of the office')
}

// cert/crypto.go: AES-256-GCM with a key from Argon2id; a nonce of 12 bytes comes first, the tag last.
const [NONCE_BYTES, TAG_BYTES, KEY_BYTES] = [12, 16, 32]
// nebula-cert's own default is 2 GiB, one pass and four lanes.
const MOST = { memory: 8 * 1024 * 1024, passes: 1000, parallelism: 255 }

function decrypted({ bytes, where }: PemBlock, passphrase: string): Buffer {
  const { memory, passes, parallelism, salt, sealed } = parameters(bytes, where)
  const key = argon2id({
    message: Buffer.from(passphrase),
    nonce: salt,
    parallelism,
    tagLength: KEY_BYTES,
    memory,
    passes,
  })
  const decipher = crypto.createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES))
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()])
  } catch {
    throw new CniError(
      CniCode.CertificateRefused,
      'wrong passphrase',
      `${where}: the passphrase does not open this key: type it again, as given to \`init\``,
    )
  }
}

// Node has it since 24.7 (and OpenSSL 3.2); the executable brings a newer one.
function argon2id(parameters: crypto.Argon2Parameters): Buffer {
  if (typeof crypto.argon2Sync === 'function') return crypto.argon2Sync('argon2id', parameters)
  throw new CniError(
    CniCode.PluginUnavailable,
    'encrypted key not usable',
    "this Node lacks Argon2, which opens the CA's key: use the built executable, or Node 24.7 or newer",
  )
}

interface Sealed {
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
  readonly salt: Uint8Array
  readonly sealed: Uint8Array
}

// cert/cert_v1.proto, RawNebulaEncryptedData: 1 metadata {1 algorithm, 2 Argon2 {1 version, 2 memory in KiB,
// 3 iterations, 4 parallelism, 5 salt}}, 2 ciphertext.
function parameters(bytes: Uint8Array, where: string): Sealed {
  const outer = fieldsOf(bytes, where)
  const metadata = fieldsOf(bytesAt(outer, 1, where), where)
  const argon2 = fieldsOf(bytesAt(metadata, 2, where), where)
  const algorithm = Buffer.from(bytesAt(metadata, 1, where)).toString('latin1')
  const found = {
    memory: numberAt(argon2, 2),
    passes: numberAt(argon2, 3),
    parallelism: numberAt(argon2, 4),
    salt: bytesAt(argon2, 5, where),
    sealed: bytesAt(outer, 2, where),
  }
  const isUsual =
    algorithm === 'AES-256-GCM' &&
    numberAt(argon2, 1) === 19 &&
    found.parallelism >= 1 &&
    found.parallelism <= MOST.parallelism &&
    found.passes >= 1 &&
    found.passes <= MOST.passes &&
    found.memory >= 8 * found.parallelism &&
    found.memory <= MOST.memory &&
    found.salt.length >= 8 &&
    found.sealed.length > NONCE_BYTES + TAG_BYTES
  if (isUsual) return found
  throw undecodable(where, 'is encrypted in a way that this version of flatnet-cni does not know')
}

function fieldsOf(bytes: Uint8Array, where: string): readonly Field[] {
  const fields = readFields(bytes)
  if (fields !== undefined) return fields
  throw undecodable(where, 'the encrypted key is damaged: restore it from the backup')
}

function bytesAt(fields: readonly Field[], number: number, where: string): Uint8Array {
  const value = fields.find((field) => field.number === number)?.value
  if (value !== undefined && typeof value !== 'bigint') return value
  throw undecodable(where, 'the encrypted key is damaged: restore it from the backup')
}

function numberAt(fields: readonly Field[], number: number): number {
  const value = fields.find((field) => field.number === number)?.value
  return typeof value === 'bigint' ? Number(value) : -1
}
