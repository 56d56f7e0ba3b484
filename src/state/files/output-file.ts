// A file of bytes that an operator asked for, readable by its owner alone.

import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'

import { CniCode, CniError, errnoCode, errorText } from '../../cni/error.ts'

/**
 * Replaces the file, regardless of its owner. Writes into a device or a pipe instead of replacing it.
 * @throws CniError IoFailure that names the file
 */
export function writeOutput(path: string, bytes: Uint8Array): void {
  const found = statSync(path, { throwIfNoEntry: false })
  const isSpecial = found !== undefined && !found.isFile()
  const beside = `${path}.${randomBytes(6).toString('hex')}`
  try {
    if (isSpecial) return writeFileSync(path, bytes)
    writeFileSync(beside, bytes, { mode: 0o600, flag: 'wx' })
    renameSync(beside, path)
  } catch (error) {
    if (!isSpecial) rmSync(beside, { force: true })
    throw new CniError(CniCode.IoFailure, 'file not written', `${path}: ${errorText(error)}`, {
      cause: error,
    })
  }
}

/** Returns whether anything exists at this path. */
export function isThere(path: string): boolean {
  return existsSync(path)
}

/**
 * Reads the end of a text file, at most `mostBytes`, from the start of a line. Returns undefined if there is
 * no file.
 */
export function readTail(path: string, mostBytes: number): string | undefined {
  try {
    const stat = statSync(path)
    if (!stat.isFile()) throw new Error('is not a file')
    const { size } = stat
    const length = Math.min(size, mostBytes)
    const bytes = Buffer.alloc(length)
    const file = openSync(path, 'r')
    try {
      readSync(file, bytes, 0, length, size - length)
    } finally {
      closeSync(file)
    }
    const text = bytes.toString('utf8')
    return length < size ? text.slice(text.indexOf('\n') + 1) : text
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return undefined
    throw new CniError(CniCode.IoFailure, 'file not readable', `${path}: ${errorText(error)}`, {
      cause: error,
    })
  }
}
