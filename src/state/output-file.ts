// A file of bytes that an operator asked for, readable by its owner alone.

import { closeSync, openSync, readSync, statSync, writeFileSync } from 'node:fs'
import { CniCode, CniError, errnoCode } from '../cni/error.ts'

/** Writes the whole file, over what was there. @throws CniError IoFailure that names the file */
export function writeOutput(path: string, bytes: Uint8Array): void {
  try {
    writeFileSync(path, bytes, { mode: 0o600 })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CniError(CniCode.IoFailure, 'file not written', `${path}: ${reason}`, { cause: error })
  }
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
