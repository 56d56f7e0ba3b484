// The journal of join on disk, and the copies of what it replaced.
//
//   /var/lib/flatnet/join/journal.jsonl    mode 0600
//   /var/lib/flatnet/join/before/1 …       copies; they may be keys, so 0600 in a folder of 0700

import { existsSync, readFileSync } from 'node:fs'
import { errnoCode } from '../../cni/error.ts'
import { journalLine, type JournalEntry, parseJournal } from '../../provision/host/journal.ts'
import { makeFolder } from '../files/atomic.ts'
import { appendLine } from '../files/append.ts'
import { clearTemporaries, placeFailure, putCopy, removePath, removeTree } from './places.ts'

/** The journal of one host. */
export interface JournalFile {
  readonly path: string
  readonly entries: () => readonly JournalEntry[]
  /** Writes an entry; it is on the disk when this returns. @throws CniError IoFailure */
  readonly append: (entry: JournalEntry) => void
  /** Keeps a copy of a file and returns its name. @throws CniError IoFailure */
  readonly keepCopy: (path: string) => string
  /** Returns the path of a copy. */
  readonly copyAt: (name: string) => string
  /** Removes the journal and its copies. @throws CniError IoFailure */
  readonly remove: () => void
}

/** The folder of the journal. */
export const JOIN_FOLDER = '/var/lib/flatnet/join'

/** Opens the journal; an empty one where there is none. @throws CniError IoFailure, StateDamaged */
export function openJournal(folder: string = JOIN_FOLDER): JournalFile {
  const path = `${folder}/journal.jsonl`
  const copies = `${folder}/before`
  const text = textOf(path)
  const entries = [...parseJournal(text, path)]
  let tornBytes = Buffer.byteLength(text.slice(text.lastIndexOf('\n') + 1))
  return {
    path,
    entries: () => entries,
    append: (entry) => {
      makeFolder(folder)
      try {
        appendLine(path, journalLine(entry), tornBytes)
      } catch (error) {
        throw placeFailure(path, error)
      }
      tornBytes = 0
      entries.push(entry)
    },
    keepCopy: (original) => {
      makeFolder(copies)
      clearTemporaries(copies)
      // A copy that no entry names is of a run that was killed before it changed anything.
      const named = entries.flatMap((entry) => (entry.kind === 'path' ? [Number(entry.backup)] : []))
      const name = String(Math.max(0, ...named) + 1)
      putCopy(original, `${copies}/${name}`, 0o600)
      return name
    },
    copyAt: (name) => `${copies}/${name}`,
    remove: () => {
      removeTree(copies)
      removePath(path)
      if (existsSync(folder)) removeTree(folder)
    },
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return ''
    throw placeFailure(path, error)
  }
}
