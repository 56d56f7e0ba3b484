// What a host keeps between its request and the end of join: its key, and the bundle once it came. Written
// before each step, so that the same command goes on with the same key after a kill.

import { configError, parseObject } from '../../config/shape.ts'
import type { Curve } from '../../nebula/certificate/certificate.ts'
import { CURVES } from '../../nebula/certificate/certificate.ts'

export interface Pending {
  /** Of the code, as on the wire. */
  readonly identity: string
  readonly curve: Curve
  /** PEM. */
  readonly key: string
  readonly publicKey: string
  /** The text of the bundle, once it came. */
  readonly bundle: string | undefined
  /** The office knows that the bundle came. */
  readonly isConfirmed: boolean
}

/** Returns it as text. */
export function pendingText(pending: Pending): string {
  return `${JSON.stringify({ version: 1, ...pending })}\n`
}

/** Reads what {@link pendingText} wrote. Errors quote nothing. @throws CniError that names the key */
export function parsePending(text: string, source: string): Pending {
  const object = parseObject(text, source)
  if (object['version'] !== 1) throw configError(`${source}: version`, 'needs 1')
  const read = (key: string): string => {
    const value = object[key]
    if (typeof value === 'string' && value !== '') return value
    throw configError(`${source}: ${key}`, 'is missing or has another form')
  }
  return {
    identity: read('identity'),
    curve: CURVES.find((each) => each === read('curve')) ?? 'CURVE25519',
    key: read('key'),
    publicKey: read('publicKey'),
    bundle: object['bundle'] === undefined ? undefined : read('bundle'),
    isConfirmed: object['isConfirmed'] === true,
  }
}
