// Reads files that an operator wrote (settings, certificates), with errors that name the file and the next step.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { CniCode, CniError, errnoCode } from '../cni/error.ts'

/** The text of a file, or undefined when there is none. @throws CniError IoFailure for any other trouble */
export function readOptional(path: string, what: string): string | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat === undefined) return undefined
    // A device or a pipe might never come to its end, and the runtime waits for us.
    if (!stat.isFile()) throw new Error('is no regular file')
    if (stat.size > MOST_BYTES) throw new Error(`is larger than ${String(MOST_BYTES)} bytes`)
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return undefined
    throw unreadable(path, what, error)
  }
}

// A certificate has one or two kilobytes, a bundle of a thousand not much more than this.
const MOST_BYTES = 4_194_304

/** The text of a file that has to be there. `remedy` says how it comes about. @throws CniError IoFailure */
export function readRequired(path: string, what: string, remedy: string): string {
  const text = readOptional(path, what)
  if (text !== undefined) return text
  throw new CniError(CniCode.IoFailure, `${what} missing`, `${path}: no such file; ${remedy}`)
}

/** The certificates of a folder by name, sorted; empty when the folder is not there. @throws CniError IoFailure */
export function listCertificates(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.crt') || name.endsWith('.pem'))
      .toSorted()
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return []
    throw unreadable(folder, 'peers folder', error)
  }
}

/** A text that changes whenever the file's content may have: inode, size and time of the last change. */
export function fileStamp(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat === undefined ? 'none' : `${String(stat.ino)}.${String(stat.size)}.${String(stat.ctimeMs)}`
}

function unreadable(path: string, what: string, error: unknown): CniError {
  const reason = error instanceof Error ? error.message : String(error)
  return new CniError(CniCode.IoFailure, `${what} not readable`, `${path}: ${reason}`, { cause: error })
}
