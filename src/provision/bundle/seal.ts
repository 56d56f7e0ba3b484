// The envelope of a bundle: encrypted with a code, or plain with a check sum. One JSON object on one line:
//
//   { "flatnetBundle": 1, "host": …, "office": …, "cipher": "scrypt-aes-256-gcm",
//     "salt": …, "nonce": …, "data": … }
//   { "flatnetBundle": 1, "host": …, "office": …, "cipher": "none", "sha256": …, "data": … }
//
// scrypt (RFC 7914) derives the key from the code with fixed parameters, so a file cannot ask for more work.
// The members before "data" are authenticated with it (NIST SP 800-38D, additional authenticated data).

import { createCipheriv, createDecipheriv, hash, scryptSync } from 'node:crypto'
import { CniCode, CniError } from '../../cni/error.ts'
import { describe } from '../../config/shape.ts'
import type { JsonObject } from '../../json.ts'

/** What anyone may read of a bundle. */
interface Label {
  readonly host: string
  readonly office: string
}

/** Random bytes for one seal. */
interface SealRandom {
  /** 16 bytes. */
  readonly salt: Uint8Array
  /** 12 bytes. */
  readonly nonce: Uint8Array
}

const CIPHER = 'scrypt-aes-256-gcm'
// RFC 7914, section 2: the cost of an interactive login. The code has 128 random bits, so it needs no more.
const COST = { N: 16_384, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }
const [KEY_BYTES, SALT_BYTES, NONCE_BYTES, TAG_BYTES] = [32, 16, 12, 16]

/** Returns the text of a bundle that only the code opens. @param code the bytes of the code */
export function sealed(contents: string, label: Label, code: Uint8Array, random: SealRandom): string {
  const head = {
    flatnetBundle: 1,
    ...label,
    cipher: CIPHER,
    salt: base64(random.salt),
    nonce: base64(random.nonce),
  }
  const cipher = createCipheriv('aes-256-gcm', keyOf(code, random.salt), random.nonce)
  cipher.setAAD(Buffer.from(JSON.stringify(head)))
  const data = Buffer.concat([cipher.update(contents, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return `${JSON.stringify({ ...head, data: base64(data) })}\n`
}

/** Returns the text of a bundle that anyone can read. */
export function unsealed(contents: string, label: Label): string {
  const data = base64(Buffer.from(contents))
  const sha256 = hash('sha256', `${label.host}\n${label.office}\n${contents}`)
  return `${JSON.stringify({ flatnetBundle: 1, ...label, cipher: 'none', sha256, data })}\n`
}

/** A bundle that was read but not opened. */
interface Envelope {
  readonly label: Label
  readonly needsCode: boolean
  /**
   * Returns the contents. @throws CniError CertificateRefused for a wrong code or a changed file
   */
  readonly open: (code: Uint8Array) => string
}

const KEYS = ['flatnetBundle', 'host', 'office', 'cipher', 'salt', 'nonce', 'sha256', 'data']

/**
 * Reads an envelope. @param object the file's JSON
 * @throws CniError DecodeFailure for another kind of file, or a newer version
 */
export function readEnvelope(object: JsonObject, source: string): Envelope {
  const version = object['flatnetBundle']
  if (version === undefined)
    throw noBundle(source, 'is not a bundle of flatnet: give the file that `host add` wrote')
  if (version !== 1)
    throw noBundle(
      source,
      `is a bundle of version ${describe(version)}: install the flatnet-cni that wrote it`,
    )
  const stranger = Object.keys(object).find((key) => !KEYS.includes(key))
  if (stranger !== undefined) throw changed(source, `has an unknown key ${describe(stranger)}`)
  const text = (key: string): string => {
    const value = object[key]
    if (typeof value === 'string' && value.length <= MOST_TEXT) return value
    throw changed(source, `${key} is ${value === undefined ? 'missing' : 'not a text'}`)
  }
  const label = { host: text('host'), office: text('office') }
  const cipher = text('cipher')
  const data = bytesOf(text('data'), 'data', source)
  if (cipher === 'none')
    return { label, needsCode: false, open: () => openPlain(label, data, text('sha256'), source) }
  if (cipher !== CIPHER)
    throw changed(source, `cipher ${describe(cipher)} is unknown to this version of flatnet-cni`)
  const [salt, nonce] = [bytesOf(text('salt'), 'salt', source), bytesOf(text('nonce'), 'nonce', source)]
  if (salt.length !== SALT_BYTES || nonce.length !== NONCE_BYTES || data.length <= TAG_BYTES)
    throw changed(source, 'salt, nonce or data is too short or too long')
  const head = JSON.stringify({
    flatnetBundle: 1,
    ...label,
    cipher,
    salt: text('salt'),
    nonce: text('nonce'),
  })
  return { label, needsCode: true, open: (code) => openSealed({ head, salt, nonce, data }, code, source) }
}

// A thousand peers make two megabytes.
const MOST_TEXT = 16_777_216

interface Parts {
  readonly head: string
  readonly salt: Buffer
  readonly nonce: Buffer
  readonly data: Buffer
}

function openSealed({ head, salt, nonce, data }: Parts, code: Uint8Array, source: string): string {
  const decipher = createDecipheriv('aes-256-gcm', keyOf(code, salt), nonce)
  decipher.setAAD(Buffer.from(head))
  decipher.setAuthTag(data.subarray(-TAG_BYTES))
  try {
    return Buffer.concat([decipher.update(data.subarray(0, -TAG_BYTES)), decipher.final()]).toString('utf8')
  } catch {
    throw new CniError(
      CniCode.CertificateRefused,
      'bundle does not open',
      `${source}: the code belongs to another bundle, or the file was changed: compare the code, and ` +
        'copy the file again',
    )
  }
}

function openPlain({ host, office }: Label, data: Buffer, sha256: string, source: string): string {
  const contents = data.toString('utf8')
  if (hash('sha256', `${host}\n${office}\n${contents}`) === sha256) return contents
  throw changed(source, 'its check sum does not fit')
}

function keyOf(code: Uint8Array, salt: Uint8Array): Buffer {
  return scryptSync(code, salt, KEY_BYTES, COST)
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

function bytesOf(text: string, key: string, source: string): Buffer {
  const bytes = Buffer.from(text, 'base64')
  if (base64(bytes) === text) return bytes
  throw changed(source, `${key} is not base64`)
}

function noBundle(source: string, why: string): CniError {
  return new CniError(CniCode.DecodeFailure, 'not a bundle', `${source}: ${why}`)
}

function changed(source: string, why: string): CniError {
  return new CniError(
    CniCode.DecodeFailure,
    'bundle damaged',
    `${source}: ${why}; the file was changed or cut off: copy it again from where \`host add\` wrote it`,
  )
}
