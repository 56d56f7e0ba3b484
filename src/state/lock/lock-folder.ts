// The lock on disk: a folder with one entry, whose name is the mark of the process that holds it. An empty
// folder is a free lock. The folder appears together with its entry, because rename(2) replaces only an empty
// folder. Only the entry that was seen is ever removed. So a process may be killed after each step, and of
// two that take over from a dead holder one gets the lock.

import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  type Stats,
  statSync,
  unlinkSync,
  utimesSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

import { errnoCode } from '../../cni/error.ts'
import { type Fate, fateOf, ownMark, pidOf } from './process-mark.ts'
import { removeTemporary, temporaryPath } from '../files/temporary.ts'

/** The holder of a lock. */
export interface LockHolder {
  /** The name of its entry, which differs each time the lock is taken. */
  readonly entry: string
  readonly pid: number | undefined
  readonly fate: Fate
  /** When it last renewed the lock. */
  readonly renewedMs: number
}

/**
 * Returns the holder of the lock, or undefined if the lock is free. @throws the error of the failed system
 * call
 */
export function lockHolder(path: string): LockHolder | undefined {
  const [entry] = entriesOf(path)
  if (entry === undefined) return undefined
  const renewedMs = statSync(join(path, entry), { throwIfNoEntry: false })?.mtimeMs
  if (renewedMs === undefined) return undefined
  const mark = entry.replace(/-\d+$/, '')
  return { entry, pid: pidOf(mark), fate: fateOf(mark), renewedMs }
}

/**
 * Takes the lock away from a holder. Does nothing if it has released it. @throws the error of the failed
 * system call
 */
export function evict(path: string, { entry }: LockHolder): void {
  quietly(() => unlinkSync(join(path, entry)))
}

let serial = 0

/** Returns the part of node:fs that proper-lockfile uses, for holding one lock once. */
export function lockFolderFs(): LockFs {
  serial += 1
  const entry = `${ownMark()}-${String(serial)}`
  let isHeld = false
  return {
    mkdirSync: (path) => {
      if (entriesOf(path).length > 0) throw taken(path)
      const made = temporaryPath(dirname(path))
      mkdirSync(made, { mode: 0o700 })
      try {
        closeSync(openSync(join(made, entry), 'wx', 0o600))
        renameSync(made, path)
      } catch (error) {
        removeTemporary(made)
        throw errnoCode(error) === 'ENOTEMPTY' ? taken(path) : error
      }
      isHeld = true
    },
    // A waiting process does not use these times: it proves a holder dead, and does not guess from the lock's
    // age.
    statSync: (path) => statSync(isHeld ? join(path, entry) : path),
    utimesSync: (path, accessed, modified) => utimesSync(join(path, entry), accessed, modified),
    rmdirSync: (path) => {
      isHeld = false
      unlinkSync(join(path, entry))
      // The next holder's folder may have replaced it already.
      quietly(() => rmdirSync(path))
    },
  }
}

/** The calls of proper-lockfile to the `fs` that it is given (its lib/adapter.js). */
interface LockFs {
  readonly mkdirSync: (path: string) => void
  readonly rmdirSync: (path: string) => void
  readonly statSync: (path: string) => Stats
  readonly utimesSync: (path: string, accessed: Date, modified: Date) => void
}

function entriesOf(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return []
    throw error
  }
}

function taken(path: string): Error {
  return Object.assign(new Error(`EEXIST: file already exists, mkdir '${path}'`), { code: 'EEXIST' })
}

// rmdir(2) and rename(2) report a folder that is not empty with ENOTEMPTY or EEXIST.
function quietly(action: () => void): void {
  try {
    action()
  } catch (error) {
    const code = errnoCode(error)
    if (code !== 'ENOENT' && code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
  }
}
