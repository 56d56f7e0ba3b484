// A statement's file: what it says, as a text, and the CA's signature over exactly this text.
//
//   {"flatnetStatement":1,"says":"{\"kind\":\"revocation\",…}","signature":"base64"}

import { type KeyObject, sign } from 'node:crypto'
import { CniCode, CniError } from '../../cni/error.ts'
import { describe, parseObject } from '../../config/shape.ts'
import type { CaPool } from '../../nebula/certificate/ca-pool.ts'
import { isSignatureOf } from '../../nebula/certificate/signature.ts'
import { quoted, refused } from '../../nebula/certificate/refusal.ts'
import type { Curve } from '../../nebula/certificate/certificate.ts'
import { parseSays, saysText } from './says.ts'
import type { SignedStatement, Statement } from './statement.ts'

/** The largest statement, in bytes: more than two thousand certificates. */
export const MOST_STATEMENT_BYTES = 2_097_152

// No certificate begins so: protobuf has no such wire type, and DER has another tag.
const CONTEXT = 'flatnet statement 1\n'

/** Signs a statement. @throws CniError InvalidConfig for one that is too large */
export function signedStatement(statement: Statement, key: KeyObject, curve: Curve): SignedStatement {
  const says = saysText(statement)
  const signature = sign(curve === 'P256' ? 'sha256' : null, signedBytes(says), key)
  const text = `${JSON.stringify({ flatnetStatement: 1, says, signature: signature.toString('base64') })}\n`
  if (Buffer.byteLength(text) <= MOST_STATEMENT_BYTES) return { statement, text }
  throw new CniError(
    CniCode.InvalidConfig,
    'statement too large',
    `it would have more than ${String(MOST_STATEMENT_BYTES)} bytes: name fewer hosts`,
  )
}

/**
 * Reads a statement and verifies its signature. @param source its file, or the host that sent it
 * @throws CniError DecodeFailure for another kind of text, CertificateRefused for one that no CA of the pool
 * has signed
 */
export function verifiedStatement(text: string, pool: CaPool, source: string): SignedStatement {
  if (Buffer.byteLength(text) > MOST_STATEMENT_BYTES)
    throw unreadable(source, `has more than ${String(MOST_STATEMENT_BYTES)} bytes`)
  const object = parseObject(text, source)
  const version = object['flatnetStatement']
  if (version === undefined)
    throw unreadable(source, 'is not a statement: give the file that `host revoke` wrote')
  if (version !== 1)
    throw unreadable(source, `is a statement of version ${describe(version)}: install a newer flatnet-cni`)
  const [says, signature] = [object['says'], object['signature']]
  if (typeof says !== 'string' || typeof signature !== 'string')
    throw unreadable(source, 'lacks what it says or its signature: copy the file again')
  // A lone surrogate would be signed as another character.
  if (Buffer.from(says).toString() !== says)
    throw unreadable(source, 'has characters that are none: copy the file again')
  const bytes = Buffer.from(signature, 'base64')
  if (bytes.toString('base64') !== signature)
    throw unreadable(source, 'its signature is not base64: copy the file again')
  const statement = parseSays(says, source)
  const authority = pool.authorities.get(statement.authority)
  if (authority === undefined)
    throw refused(
      source,
      `is of the CA ${statement.authority} (office ${quoted(statement.office)}), ` +
        `which is not in ${pool.source}: it belongs to another office, or this CA was replaced`,
      'foreign-ca',
    )
  if (!isSignatureOf(authority, signedBytes(says), bytes))
    throw refused(source, 'Signature: does not match, the statement was changed or forged', 'forged')
  // Every host passes on the same bytes, whatever blanks they came with.
  return { statement, text: `${JSON.stringify({ flatnetStatement: 1, says, signature })}\n` }
}

function signedBytes(says: string): Buffer {
  return Buffer.from(`${CONTEXT}${says}`)
}

function unreadable(source: string, why: string): CniError {
  return new CniError(CniCode.DecodeFailure, 'statement not readable', `${source}: ${why}`)
}
