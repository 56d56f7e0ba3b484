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

import { CniCode, CniError, errnoCode } from '../cni/error.ts'

/**
 * Writes the whole file in the place of what was there, whoever's that was. What is no plain file (a device, a pipe) is
 * written to. @throws CniError IoFailure that names the file
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
    const reason = error instanceof Error ? error.message : String(error)
    throw new CniError(CniCode.IoFailure, 'file not written', `${path}: ${reason}`, { cause: error })
  }
}

/** Whether there is something by this path. */
export function isThere(path: string): boolean {
  return existsSync(path)
}

/** The end of a text file from the beginning of a line on, at most so many bytes; undefined when there is none. */
export function readTail(path: string, mostBytes: number): string | undefined {
  try {
    const size = statSync(path).size
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
    const reason = error instanceof Error ? error.message : String(error)
    throw new CniError(CniCode.IoFailure, 'file not readable', `${path}: ${reason}`, { cause: error })
  }
}
