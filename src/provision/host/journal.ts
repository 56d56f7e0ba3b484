// The journal of a host: what join put where, and what was there before. One line of JSON per act, written
// before the act. `leave` undoes a host by this file alone.
//
//   { "kind": "host", … }     the bundle that is being applied
//   { "kind": "path", … }     join is about to write to a path; its first line says what was there before
//   { "kind": "unit", … }     a unit of systemd is about to be enabled
//   { "kind": "done" }        every step of the bundle was taken

import { CniCode, CniError } from '../../cni/error.ts'
import { isObject, type JsonObject } from '../../json.ts'
import type { Found } from './step.ts'

/** The bundle that a host was set up from. */
export interface JoinedHost {
  readonly kind: 'host'
  readonly at: string
  readonly office: string
  /** Fingerprint of the CA. */
  readonly authority: string
  readonly name: string
  readonly serial: number
}

interface PathRecord {
  readonly kind: 'path'
  readonly path: string
  /** What was there before this line. */
  readonly before: Found
  /** Name of the copy of it beside the journal; '' where there was no file. */
  readonly backup: string
  /** Hash of the file or target of the link that is put there; '' for a folder. */
  readonly after: string
}

interface UnitRecord {
  readonly kind: 'unit'
  readonly unit: string
}

export type JournalEntry = JoinedHost | PathRecord | UnitRecord | { readonly kind: 'done' }

/** Returns the line of an entry, including its newline. */
export function journalLine(entry: JournalEntry): string {
  return `${JSON.stringify({ version: 1, ...entry })}\n`
}

/**
 * Reads a journal. A last line without its end belongs to an act that did not happen, so it is left out.
 * @throws CniError StateDamaged that names the line
 */
export function parseJournal(text: string, source: string): readonly JournalEntry[] {
  const lines = text.split('\n').slice(0, -1)
  return lines.map((line, index) => entryOf(line, `${source}, line ${String(index + 1)}`))
}

/** Returns the bundle that was applied last, complete or not. */
export function joinedHost(entries: readonly JournalEntry[]): JoinedHost | undefined {
  return entries.findLast((entry) => entry.kind === 'host')
}

/** Tells whether the last bundle was applied to its end. */
export function isComplete(entries: readonly JournalEntry[]): boolean {
  return entries.at(-1)?.kind === 'done'
}

/** What is known of one path. */
export interface PathHistory {
  readonly path: string
  /** What was there before flatnet, and its copy. */
  readonly original: Found
  readonly backup: string
  /** Everything that was put there. */
  readonly ours: ReadonlySet<string>
}

/** Returns the paths, the first touched first. */
export function pathHistories(entries: readonly JournalEntry[]): readonly PathHistory[] {
  const histories = new Map<string, PathHistory>()
  for (const entry of entries) {
    if (entry.kind !== 'path') continue
    const known = histories.get(entry.path)
    histories.set(entry.path, {
      path: entry.path,
      original: known?.original ?? entry.before,
      backup: known?.backup ?? entry.backup,
      ours: new Set([...(known?.ours ?? []), entry.after]),
    })
  }
  return [...histories.values()]
}

function entryOf(line: string, where: string): JournalEntry {
  let object: unknown
  try {
    object = JSON.parse(line)
  } catch {
    // Reported below.
  }
  if (!isObject(object)) throw damaged(where, 'is not an object in JSON')
  if (object['version'] !== 1) throw damaged(where, 'was written by a newer flatnet-cni: use that one')
  const text = (key: string): string => {
    const value = object[key]
    if (typeof value === 'string') return value
    throw damaged(where, `${key} is not a text`)
  }
  switch (object['kind']) {
    case 'host': {
      const serial = object['serial']
      if (typeof serial !== 'number') throw damaged(where, 'serial is not a number')
      const [at, office, authority, name] = [text('at'), text('office'), text('authority'), text('name')]
      return { kind: 'host', at, office, authority, name, serial }
    }
    case 'path': {
      const [path, backup] = [text('path'), text('backup')]
      if (!path.startsWith('/') || path.includes('\0')) throw damaged(where, 'path is not absolute')
      if (!/^(?:\d{1,6})?$/.test(backup)) throw damaged(where, 'backup is not a name of a copy')
      return { kind: 'path', path, backup, before: foundOf(object['before'], where), after: text('after') }
    }
    case 'unit': {
      const unit = text('unit')
      if (!/^[a-z][a-z0-9@.-]*$/.test(unit)) throw damaged(where, 'unit is not a name of a unit')
      return { kind: 'unit', unit }
    }
    case 'done':
      return { kind: 'done' }
    default:
      throw damaged(where, 'is of an unknown kind')
  }
}

function foundOf(value: unknown, where: string): Found {
  const object: JsonObject = isObject(value) ? value : {}
  const [kind, mode, sha256, target] = [object['kind'], object['mode'], object['sha256'], object['target']]
  const isMode = typeof mode === 'number' && Number.isInteger(mode) && mode >= 0 && mode <= 0o7777
  if (kind === 'absent' || kind === 'other') return { kind }
  if (kind === 'link' && typeof target === 'string') return { kind, target }
  if (kind === 'folder' && isMode) return { kind, mode }
  if (kind === 'file' && isMode && typeof sha256 === 'string') return { kind, mode, sha256 }
  throw damaged(where, 'before does not say what was there')
}

function damaged(where: string, why: string): CniError {
  return new CniError(
    CniCode.StateDamaged,
    'journal damaged',
    `${where}: ${why}; what join put on this host is listed in it: move it away only after removing that ` +
      'by hand',
  )
}
