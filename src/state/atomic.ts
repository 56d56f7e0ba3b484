// Files that are never seen half written, whatever moment a process is killed at or the power fails. Every failed
// system call leaves here as a CniError that names the path; nothing else in this folder handles errno values.

import {
  closeSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

import { CniCode, CniError, errnoCode } from '../cni/error.ts'

const FILE_MODE = 0o600
const FOLDER_MODE = 0o700

// No name from a runtime begins with a dot (CNI SPEC 1.1.0, section 2, "Parameters"), so ours meets none of theirs.
const TEMPORARY = '.tmp-'
const LEFT_OVER_AFTER_MS = 60_000

/** Makes a folder and those above it, readable by its owner alone; content when it is there. */
export function makeFolder(path: string): void {
  guard(path, () => mkdirSync(path, { recursive: true, mode: FOLDER_MODE }))
}

/** The file's text, or undefined when there is no such file. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return undefined
    throw ioFailure(path, error)
  }
}

/**
 * Makes a file that must not exist yet, complete from the first moment it can be seen: link(2) fails with EEXIST as
 * open(2) with O_EXCL does, but leaves no moment at which the file is there and empty. False when it exists.
 */
export function createFile(path: string, text: string): boolean {
  return guard(path, () => {
    const temporary = writeTemporary(dirname(path), text, false)
    try {
      linkSync(temporary, path)
    } catch (error) {
      if (errnoCode(error) === 'EEXIST') return false
      throw error
    } finally {
      unlinkSync(temporary)
    }
    return true
  })
}

/** Makes or replaces a file; readers see the old text or the new one. Durable: waited for until it is on the disk. */
export function replaceFile(path: string, text: string, durable: boolean): void {
  guard(path, () => {
    const temporary = writeTemporary(dirname(path), text, durable)
    try {
      renameSync(temporary, path)
    } catch (error) {
      unlinkSync(temporary)
      throw error
    }
    if (durable) syncFolder(dirname(path))
  })
}

/** Removes a file; content when there is none. */
export function removeFile(path: string): void {
  guard(path, () => unlinkIfThere(path))
}

/**
 * Removes a file only if it still holds `text`, and says whether it did. The file is moved aside before it is compared,
 * so a process that lost its lock cannot delete what another has put there since.
 */
export function removeFileHolding(path: string, text: string): boolean {
  return guard(path, () => {
    const aside = temporaryPath(dirname(path))
    try {
      renameSync(path, aside)
    } catch (error) {
      if (errnoCode(error) === 'ENOENT') return false
      throw error
    }
    const same = readFileSync(aside, 'utf8') === text
    if (!same) linkSync(aside, path)
    unlinkSync(aside)
    return same
  })
}

/** Of a folder's file names, those that are no temporary files. Temporary ones that a killed process left are removed. */
export function withoutTemporary(folder: string, names: readonly string[], nowMs: number): string[] {
  return names.filter((name) => {
    if (!name.startsWith(TEMPORARY)) return true
    const path = join(folder, name)
    guard(path, () => {
      const age = nowMs - (lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? nowMs)
      if (age > LEFT_OVER_AFTER_MS) unlinkIfThere(path)
    })
    return false
  })
}

/** A failed system call as CniError IoFailure: the path, the reason in words and what to do about it. */
export function ioFailure(path: string, error: unknown): unknown {
  const code = errnoCode(error)
  if (error instanceof CniError || code === undefined) return error
  const advice = ADVICE[code] ?? 'look at the file and the filesystem it is on'
  const reason = error instanceof Error ? error.message.replace(/, \w+( '.*)?$/, '') : code
  return new CniError(CniCode.IoFailure, 'cannot use the state directory', `${path}: ${reason}; ${advice}`, {
    cause: error,
  })
}

const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'free some space on its filesystem and try again',
  EDQUOT: 'free some space in its quota and try again',
  EROFS: 'remount its filesystem read-write, or set stateDir to a folder that can be written',
  EACCES: 'run as root, or set stateDir to a folder that can be written',
  EPERM: 'run as root, or set stateDir to a folder on a filesystem that can be written and has hard links',
  ENOTDIR: 'a file stands where a folder should be: move it away',
}

let serial = 0

function temporaryPath(folder: string): string {
  serial += 1
  return join(folder, `${TEMPORARY}${String(process.pid)}-${String(serial)}`)
}

function writeTemporary(folder: string, text: string, durable: boolean): string {
  for (;;) {
    const path = temporaryPath(folder)
    let file: number
    try {
      file = openSync(path, 'wx', FILE_MODE)
    } catch (error) {
      // A process that had our process ID was killed here.
      if (errnoCode(error) === 'EEXIST') continue
      throw error
    }
    try {
      writeFileSync(file, text)
      if (durable) fsyncSync(file)
    } catch (error) {
      unlinkSync(path)
      throw error
    } finally {
      closeSync(file)
    }
    return path
  }
}

// rename(2) and link(2) are durable once the folder is: fsync(2), DESCRIPTION, last paragraph.
function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (errnoCode(error) !== 'ENOENT') throw error
  }
}

function guard<T>(path: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    throw ioFailure(path, error)
  }
}
