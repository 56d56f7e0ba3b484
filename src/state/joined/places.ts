// Looks at paths of the host, and puts there what join wants. Each change is complete or did not happen.

import { createHash } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { errnoCode } from '../../cni/error.ts'
import { failureAt } from '../../cni/io-failure.ts'
import type { Content, Found, Wanted } from '../../provision/host/step.ts'
import { syncFolder } from '../files/sync-folder.ts'
import { leftTemporaries, removeTemporary, temporaryPath } from '../files/temporary.ts'

/** Returns what is at a path; links are not followed. @throws CniError IoFailure */
export function lookAt(path: string): Found {
  return guard(path, () => {
    const stat = lstatSync(path, { throwIfNoEntry: false })
    if (stat === undefined) return { kind: 'absent' }
    const mode = stat.mode & 0o7777
    if (stat.isFile()) return { kind: 'file', mode, sha256: hashOfFile(path) }
    if (stat.isSymbolicLink()) return { kind: 'link', target: readlinkSync(path) }
    return stat.isDirectory() ? { kind: 'folder', mode } : { kind: 'other' }
  })
}

const PIECE_BYTES = 1_048_576

/** Returns the SHA-256 of a file's bytes. @throws CniError IoFailure */
export function hashOfFile(path: string): string {
  return guard(path, () => {
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const [sum, piece] = [createHash('sha256'), Buffer.alloc(PIECE_BYTES)]
      for (;;) {
        const count = readSync(file, piece, 0, PIECE_BYTES, null)
        if (count === 0) return sum.digest('hex')
        sum.update(piece.subarray(0, count))
      }
    } finally {
      closeSync(file)
    }
  })
}

/** Puts what is wanted at its path, durably. @throws CniError IoFailure */
export function put(wanted: Wanted): void {
  guard(wanted.path, () => {
    if (wanted.kind === 'folder') return makeFolder(wanted.path, wanted.mode)
    if (wanted.kind === 'link') return putLink(wanted.path, wanted.target)
    putFile(wanted.path, wanted.content, wanted.mode)
  })
}

/** Sets the mode of a file. @throws CniError IoFailure */
export function setMode(path: string, mode: number): void {
  guard(path, () => chmodSync(path, mode))
}

/** Puts a copy of a file at a path. @throws CniError IoFailure */
export function putCopy(from: string, path: string, mode: number): void {
  guard(path, () => putFile(path, { copyOf: from, sha256: '' }, mode))
}

/** Puts a link at a path. @throws CniError IoFailure */
export function relink(path: string, target: string): void {
  guard(path, () => putLink(path, target))
}

/** Moves a file. @throws CniError IoFailure */
export function moveAside(path: string, target: string): void {
  guard(path, () => renameSync(path, target))
}

/** Removes a file or link if it exists. @throws CniError IoFailure */
export function removePath(path: string): void {
  guard(path, () => ignoring(['ENOENT'], () => unlinkSync(path)))
}

/** Removes a folder unless something is in it. @throws CniError IoFailure */
export function removeEmptyFolder(path: string): void {
  guard(path, () => ignoring(['ENOENT', 'ENOTEMPTY', 'EBUSY'], () => rmdirSync(path)))
}

/** Removes a folder and everything in it, if it exists. @throws CniError IoFailure */
export function removeTree(path: string): void {
  guard(path, () => rmSync(path, { recursive: true, force: true }))
}

/** Removes what an earlier run that was killed had not finished to write. @throws CniError IoFailure */
export function clearTemporaries(folder: string): void {
  guard(folder, () => {
    for (const path of leftTemporaries(folder)) removeTemporary(path)
  })
}

function putFile(path: string, content: Content, mode: number): void {
  const beside = temporaryPath(dirname(path))
  try {
    if ('text' in content) writeFileSync(beside, content.text, { flag: 'wx', mode: 0o600 })
    else copyFileSync(content.copyOf, beside, constants.COPYFILE_EXCL)
    settle(beside, path, mode)
  } catch (error) {
    rmSync(beside, { force: true })
    throw error
  }
}

/** Gives a file that is written its mode and its name, durably. Throws errors of the file system. */
export function settle(beside: string, path: string, mode: number): void {
  const file = openSync(beside, 'r')
  try {
    // The mode of open(2) passes through the umask.
    fchmodSync(file, mode)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(beside, path)
  syncFolder(dirname(path))
}

function putLink(path: string, target: string): void {
  const beside = temporaryPath(dirname(path))
  symlinkSync(target, beside)
  try {
    renameSync(beside, path)
  } catch (error) {
    unlinkSync(beside)
    throw error
  }
  syncFolder(dirname(path))
}

function makeFolder(path: string, mode: number): void {
  mkdirSync(path, { mode })
  chmodSync(path, mode)
  syncFolder(dirname(path))
}

function ignoring(codes: readonly string[], action: () => void): void {
  try {
    action()
  } catch (error) {
    if (!codes.includes(errnoCode(error) ?? '')) throw error
  }
}

/** Returns a failed system call as an error that names the path and the next step. */
export function placeFailure(path: string, error: unknown): unknown {
  return failureAt(path, error, {
    message: 'cannot write',
    adviceOf: (code) => ADVICE[code] ?? 'check the path and its filesystem',
  })
}

const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'free some space on its filesystem and run the same command again',
  EDQUOT: 'free some space in its quota and run the same command again',
  EROFS: 'remount its filesystem read-write and run the same command again',
  EACCES: 'run it as root',
  EPERM: 'run it as root',
  ENOTDIR: 'a file is where a folder should be: move it away',
  ENOENT: 'the folder above it is missing',
}

function guard<T>(path: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    throw placeFailure(path, error)
  }
}
