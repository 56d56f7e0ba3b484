// Files that are never seen half written, even if a process is killed or the power fails. Every failed system
// call becomes a CniError that names the path.

import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'

import { errnoCode } from '../../cni/error.ts'
import { ioFailure } from '../../cni/io-failure.ts'
import { syncFolder } from './sync-folder.ts'
import { temporaryPath } from './temporary.ts'

const FILE_MODE = 0o600
const FOLDER_MODE = 0o700

/**
 * Makes a folder and those above it, readable by its owner alone. Does nothing if it exists. mkdir's own
 * `recursive` is not used: Node 24 repeats the call without end if the folder above exists and nothing can be
 * made in it (ENOENT), as in a folder that was deleted below its mount, or behind a dangling link.
 */
export function makeFolder(path: string): void {
  guard(path, () => {
    if (tryMakeFolder(path)) return
    if (dirname(path) !== path) makeFolder(dirname(path))
    if (!tryMakeFolder(path)) throw errno('ENOENT', `no such file or directory, mkdir '${path}'`)
  })
}

// Returns false if the folder above is missing.
function tryMakeFolder(path: string): boolean {
  try {
    mkdirSync(path, { mode: FOLDER_MODE })
    return true
  } catch (error) {
    const code = errnoCode(error)
    if (code === 'ENOENT') return false
    // Some filesystems refuse (EROFS, EACCES) before they check whether the folder exists.
    const found = statSync(path, { throwIfNoEntry: false })
    if (found?.isDirectory() === true) return true
    if (code !== 'EEXIST') throw error
    throw found === undefined
      ? errno('ENOENT', `it is a dangling link, mkdir '${path}'`)
      : errno('ENOTDIR', `not a directory, mkdir '${path}'`)
  }
}

function errno(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code })
}

/** Reads the file's text, or returns undefined if there is no such file. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return undefined
    throw ioFailure(path, error)
  }
}

/**
 * Makes a file that must not exist yet, complete from the first moment it can be seen. link(2) fails with
 * EEXIST, as open(2) with O_EXCL does, but the file never appears empty. Returns false if it exists.
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

/**
 * Makes or replaces a file; readers see the old text or the new one. If `durable`, waits until the text is on
 * the disk.
 */
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

/**
 * Overwrites a file in place, in the blocks that it has, because a full disk has no room for a second file. A
 * kill leaves the old text or the new one, because there is one write(2). A power failure may leave neither.
 * Blanks replace the rest of a longer old text.
 */
export function overwriteFile(path: string, text: string): void {
  guard(path, () => {
    const file = openSync(path, 'r+')
    try {
      const bytes = Buffer.from(text)
      const length = Math.max(bytes.length, fstatSync(file).size)
      writeSync(file, Buffer.concat([bytes, Buffer.alloc(length - bytes.length, ' ')]), 0, length, 0)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  })
}

/** Removes a file. Does nothing if there is none. */
export function removeFile(path: string): void {
  guard(path, () => unlinkIfThere(path))
}

/**
 * Removes a file only if it still contains `text`, and returns whether it did. Moves the file aside before it
 * compares, so a process that lost its lock cannot delete what another process wrote since.
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

function writeTemporary(folder: string, text: string, durable: boolean): string {
  const path = temporaryPath(folder)
  const file = openSync(path, 'wx', FILE_MODE)
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
