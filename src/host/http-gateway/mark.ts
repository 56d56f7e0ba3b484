// The file that says that an HTTP Gateway is installed, and with which nginx. The agent reads it.

import { join } from 'node:path'
import { isObject } from '../../json.ts'
import { makeFolder, readText, removeFile, replaceFile } from '../../state/files/atomic.ts'
import { MARK_FILE } from './places.ts'

interface InstalledMark {
  /** The path of nginx's executable. */
  readonly program: string
  /** The port for browsers. */
  readonly port: number
}

/**
 * Returns what is installed; undefined if nothing is, or the file cannot be understood.
 * @throws CniError IoFailure
 */
export function readMark(): InstalledMark | undefined {
  const text = readText(MARK_FILE)
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    if (!isObject(value)) return undefined
    const { version, program, port } = value
    if (version !== 1 || typeof program !== 'string' || !program.startsWith('/')) return undefined
    return typeof port === 'number' ? { program, port } : undefined
  } catch {
    return undefined
  }
}

export function writeMark({ program, port }: InstalledMark): void {
  makeFolder(join(MARK_FILE, '..'))
  replaceFile(MARK_FILE, `${JSON.stringify({ version: 1, program, port })}\n`, true)
}

export function removeMark(): void {
  removeFile(MARK_FILE)
}
