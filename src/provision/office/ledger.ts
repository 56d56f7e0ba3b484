// The ledger of an office: one line of JSON per assignment, signature and decision, only ever appended to.
// Each line repeats the hash of the one before it, which shows that none was changed, removed or lost.

import { hash } from 'node:crypto'
import { parsePrefix } from '../../addr/prefix.ts'
import { CniCode, CniError } from '../../cni/error.ts'
import { isObject, type JsonObject } from '../../json.ts'
import { STATEMENT_KINDS, type StatementKind } from '../statement/statement.ts'
import { type Role, ROLES } from './role.ts'

/** Addresses given to a name for good. Texts are canonical. */
export interface Assignment {
  readonly kind: 'assign'
  readonly at: string
  readonly name: string
  readonly role: Role
  /** Hosts with containers: the number that their addresses follow from. Others: their place among these. */
  readonly number: number
  /** "10.86.1.1/16", one per family. */
  readonly overlay: readonly string[]
  /** "10.87.1.0/24", one per family; empty for a host without containers. */
  readonly subnets: readonly string[]
  /** Its certificate has the pools, too, so that it may forward for all hosts. Its subnets are its own. */
  readonly gateway: boolean
  readonly groups: readonly string[]
  /** "192.168.1.5:4242", where other hosts find a lighthouse. */
  readonly endpoints: readonly string[]
}

/** A certificate signed for an assigned name. */
export interface Signature {
  readonly kind: 'sign'
  readonly at: string
  readonly name: string
  readonly fingerprint: string
  /** Unix seconds. */
  readonly notAfter: number
  /** PEM. */
  readonly certificate: string
}

/** Other groups for a name, from its next certificate on. */
export interface Regrouping {
  readonly kind: 'groups'
  readonly at: string
  readonly name: string
  readonly groups: readonly string[]
}

/** Whether a name forwards for all hosts, from its next certificate on. */
export interface GatewayChange {
  readonly kind: 'gateway'
  readonly at: string
  readonly name: string
  readonly gateway: boolean
}

/** Where other hosts find a lighthouse, from their next bundle on. */
export interface Move {
  readonly kind: 'endpoints'
  readonly at: string
  readonly name: string
  readonly endpoints: readonly string[]
}

/** Certificates of a name that are not to be accepted any more. */
export interface Revoking {
  readonly kind: 'revoke'
  readonly at: string
  readonly name: string
  readonly fingerprints: readonly string[]
}

/** A statement that the CA has signed, so that a later one has a higher sequence. */
export interface Stating {
  readonly kind: 'state'
  readonly at: string
  readonly about: StatementKind
  readonly sequence: number
}

/** A step of the change from one CA to the next. */
export interface CaStep {
  readonly kind: 'ca'
  readonly at: string
  /** Hosts are to trust it, it signs from now on, hosts are to trust the previous one no longer. */
  readonly step: CaStepKind
  /** Of the new CA. */
  readonly fingerprint: string
  /** Fingerprint of the CA that it replaces. */
  readonly earlier: string
}

export type CaStepKind = 'introduce' | 'sign' | 'retire'

const CA_STEPS: readonly CaStepKind[] = ['introduce', 'sign', 'retire']

export type LedgerEntry =
  Assignment | Regrouping | GatewayChange | Move | Signature | Revoking | Stating | CaStep

/** A ledger as read. `head` is the hash of the last line, which the next line names. */
export interface Ledger {
  readonly entries: readonly LedgerEntry[]
  readonly head: string
  /** Bytes behind the last complete line: what a process that died had not finished to write. */
  readonly tornBytes: number
}

/** The head of an empty ledger. */
export const NO_HEAD = ''

/**
 * Reads a ledger's text. @param source its file, for errors
 * @throws CniError StateDamaged that names the line
 */
export function parseLedger(text: string, source: string): Ledger {
  const end = text.lastIndexOf('\n') + 1
  const lines = text.slice(0, end).split('\n').slice(0, -1)
  let head = NO_HEAD
  const entries = lines.map((line, index) => {
    const where = `${source}, line ${String(index + 1)}`
    const object = objectOf(line, where)
    if (object['previous'] !== head)
      throw damaged(where, 'does not follow the line before it: a line was changed, removed or inserted')
    head = hashOf(line)
    return entryOf(object, where)
  })
  return { entries, head, tornBytes: Buffer.byteLength(text.slice(end)) }
}

/** Returns the line for an entry, including its newline. @param head the hash of the line before it */
export function ledgerLine(entry: LedgerEntry, head: string): string {
  return `${JSON.stringify({ version: 1, previous: head, ...entry })}\n`
}

/** Returns the hash of a line, which the next line repeats. */
export function hashOf(line: string): string {
  return hash('sha256', line.trimEnd())
}

function objectOf(line: string, where: string): JsonObject {
  try {
    const value: unknown = JSON.parse(line)
    if (isObject(value)) return value
  } catch {
    // Reported below.
  }
  throw damaged(where, 'is not an object in JSON')
}

function entryOf(object: JsonObject, where: string): LedgerEntry {
  if (object['version'] !== 1) throw damaged(where, 'was written by a newer flatnet-cni: use that one')
  const read = readerOf(object, where)
  if (object['kind'] === 'state') return stating(read, object, where)
  if (object['kind'] === 'ca') return caStep(read, object, where)
  const shared = { at: read.text('at'), name: read.text('name') }
  if (object['kind'] === 'groups') return { kind: 'groups', ...shared, groups: read.texts('groups') }
  if (object['kind'] === 'endpoints')
    return { kind: 'endpoints', ...shared, endpoints: read.texts('endpoints') }
  if (object['kind'] === 'gateway') return { kind: 'gateway', ...shared, gateway: read.flag('gateway') }
  if (object['kind'] === 'revoke')
    return { kind: 'revoke', ...shared, fingerprints: read.texts('fingerprints') }
  if (object['kind'] === 'sign')
    return {
      kind: 'sign',
      ...shared,
      fingerprint: read.text('fingerprint'),
      notAfter: read.number('notAfter'),
      certificate: read.text('certificate'),
    }
  if (object['kind'] !== 'assign') throw damaged(where, 'is of an unknown kind')
  const role = ROLES.find((each) => each === object['role'])
  if (role === undefined) throw damaged(where, 'has no role')
  return {
    kind: 'assign',
    ...shared,
    role,
    number: read.number('number'),
    overlay: read.prefixes('overlay'),
    subnets: read.prefixes('subnets'),
    // Lines of earlier versions have no such key.
    gateway: object['gateway'] !== undefined && read.flag('gateway'),
    groups: read.texts('groups'),
    endpoints: read.texts('endpoints'),
  }
}

function stating(read: Reader, object: JsonObject, where: string): Stating {
  const about = STATEMENT_KINDS.find((each) => each === object['about'])
  if (about === undefined) throw damaged(where, 'is a statement of an unknown kind')
  return { kind: 'state', at: read.text('at'), about, sequence: read.number('sequence') }
}

function caStep(read: Reader, object: JsonObject, where: string): CaStep {
  const step = CA_STEPS.find((each) => each === object['step'])
  const [fingerprint, earlier] = [read.text('fingerprint'), read.text('earlier')]
  if (step === undefined || ![fingerprint, earlier].every((each) => /^[0-9a-f]{64}$/.test(each)))
    throw damaged(where, 'is not a step from one CA to another')
  return { kind: 'ca', at: read.text('at'), step, fingerprint, earlier }
}

interface Reader {
  readonly text: (key: string) => string
  readonly number: (key: string) => number
  readonly flag: (key: string) => boolean
  readonly texts: (key: string) => readonly string[]
  readonly prefixes: (key: string) => readonly string[]
}

function readerOf(object: JsonObject, where: string): Reader {
  const texts = (key: string): readonly string[] => {
    const value = object[key]
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
    throw damaged(where, `${key} is not a list of texts`)
  }
  return {
    text: (key) => {
      const value = object[key]
      if (typeof value === 'string' && value !== '') return value
      throw damaged(where, `${key} is not a text`)
    },
    number: (key) => {
      const value = object[key]
      if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
      throw damaged(where, `${key} is not a number`)
    },
    flag: (key) => {
      const value = object[key]
      if (typeof value === 'boolean') return value
      throw damaged(where, `${key} is neither true nor false`)
    },
    texts,
    prefixes: (key) => {
      const found = texts(key)
      if (found.every((item) => parsePrefix(item) !== undefined)) return found
      throw damaged(where, `${key} has an item that is not a network`)
    },
  }
}

function damaged(where: string, why: string): CniError {
  return new CniError(
    CniCode.StateDamaged,
    'ledger damaged',
    `${where}: ${why}; restore the file from the backup of the office folder`,
  )
}
