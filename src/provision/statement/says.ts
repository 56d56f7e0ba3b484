// What statements say, as JSON.

import { CniCode, CniError } from '../../cni/error.ts'
import { parseObject } from '../../config/shape.ts'
import { isObject, type JsonObject } from '../../json.ts'
import type { Revoked, Statement } from './statement.ts'

/** Returns the text that is signed. */
export function saysText(statement: Statement): string {
  return JSON.stringify(statement)
}

// Far more than an office has hosts, and so few that no list can hold a host up.
const MOST_ITEMS = 8192
const FINGERPRINT = /^[0-9a-f]{64}$/

/** Reads what a statement says. @param source for errors @throws CniError DecodeFailure */
export function parseSays(text: string, source: string): Statement {
  const object = parseObject(text, source)
  const kind = object['kind']
  const head = {
    office: textAt(object, 'office', source),
    authority: fingerprintAt(object, 'authority', source),
    sequence: numberAt(object, 'sequence', source),
    at: textAt(object, 'at', source),
  }
  if (kind === 'revocation')
    return { kind, ...head, revoked: itemsAt(object, 'revoked', source).map((item) => revoked(item, source)) }
  if (kind === 'renewal')
    return {
      kind,
      ...head,
      certificates: itemsAt(object, 'certificates', source).map((item) => pem(item, 'certificates', source)),
    }
  if (kind === 'introduction')
    return { kind, ...head, certificate: pem(object['certificate'], 'certificate', source) }
  if (kind === 'retirement')
    return {
      kind,
      ...head,
      retired: itemsAt(object, 'retired', source).map((item) => fingerprint(item, 'retired', source)),
    }
  throw unreadable(
    source,
    'says something that this version of flatnet-cni does not know: install a newer one',
  )
}

function revoked(item: unknown, source: string): Revoked {
  const object = isObject(item) ? item : {}
  return {
    name: textAt(object, 'name', source),
    fingerprint: fingerprintAt(object, 'fingerprint', source),
    notAfter: numberAt(object, 'notAfter', source),
  }
}

// Each host verifies its own.
function pem(item: unknown, key: string, source: string): string {
  if (typeof item === 'string' && item.length <= MOST_PEM) return item
  throw unreadable(source, `${key} is not, or not only, texts of at most ${String(MOST_PEM)} characters`)
}

const MOST_PEM = 65_536

function itemsAt(object: JsonObject, key: string, source: string): readonly unknown[] {
  const value = object[key]
  if (Array.isArray(value) && value.length <= MOST_ITEMS) return value
  throw unreadable(source, `${key} is not a list of at most ${String(MOST_ITEMS)} items`)
}

function textAt(object: JsonObject, key: string, source: string): string {
  const value = object[key]
  // They are printed.
  if (typeof value === 'string' && /^\P{C}{1,300}$/u.test(value)) return value
  throw unreadable(source, `${key} is not a text`)
}

function fingerprintAt(object: JsonObject, key: string, source: string): string {
  return fingerprint(object[key], key, source)
}

function fingerprint(value: unknown, key: string, source: string): string {
  if (typeof value === 'string' && FINGERPRINT.test(value)) return value
  throw unreadable(source, `${key} is not a fingerprint`)
}

function numberAt(object: JsonObject, key: string, source: string): number {
  const value = object[key]
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw unreadable(source, `${key} is not a number`)
}

function unreadable(source: string, why: string): CniError {
  return new CniError(CniCode.DecodeFailure, 'statement not readable', `${source}: ${why}`)
}
