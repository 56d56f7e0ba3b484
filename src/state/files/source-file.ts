// Reads files that an operator wrote (settings, certificates). Errors name the file and the next step. Such a
// file may have passed through Windows and editors, and the path may name anything.

import { constants, lstatSync, readdirSync, readFileSync, readlinkSync, type Stats, statSync } from 'node:fs'
import { CniCode, CniError, errnoCode, errorText } from '../../cni/error.ts'
import { type Decoded, decodeText } from '../../config/source-text.ts'

/**
 * Reads the text of a file, a byte order mark included, or returns undefined if there is none.
 * @param decode for files that other programs read in more encodings than UTF-8
 * @throws CniError IoFailure for any other trouble: a dangling link, a pipe, another encoding
 */
export function readOptional(
  path: string,
  what: string,
  decode: (bytes: Buffer) => Decoded = decodeText,
): string | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat === undefined) {
      refuseDanglingLink(path)
      return undefined
    }
    // A device or a pipe might never end, and the runtime is waiting.
    if (!stat.isFile()) throw new Error(`is ${kindOf(stat)}, not a file: put the file itself there`)
    if (stat.size > MOST_BYTES) throw new Error(`is larger than ${String(MOST_BYTES)} bytes`)
    // open(2), O_NONBLOCK: if a pipe has replaced the file, opening it does not wait for a writer.
    const decoded = decode(readFileSync(path, { flag: constants.O_RDONLY | constants.O_NONBLOCK }))
    if ('problem' in decoded) throw new Error(decoded.problem)
    return decoded.text
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return undefined
    throw unreadable(path, what, error)
  }
}

// A certificate has one or two kilobytes, a bundle of a thousand certificates about as many as this.
const MOST_BYTES = 4_194_304

// If a dangling link counted as absent, a settings file would silently have all its defaults.
function refuseDanglingLink(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return
  throw new Error(
    `is a link to ${readlinkSync(path)}, which does not exist: put that file back, or remove the link`,
  )
}

function kindOf(stat: Stats): string {
  if (stat.isDirectory()) return 'a folder'
  if (stat.isFIFO()) return 'a pipe'
  return stat.isSocket() ? 'a socket' : 'a device'
}

/** Reads the text of a file that must exist. `remedy` says how to provide it. @throws CniError IoFailure */
export function readRequired(path: string, what: string, remedy: string): string {
  const text = readOptional(path, what)
  if (text !== undefined) return text
  throw new CniError(CniCode.IoFailure, `${what} missing`, `${path}: no such file; ${remedy}`)
}

/**
 * Returns the sorted names of a folder's certificates; none if the folder does not exist. @throws CniError
 * IoFailure
 */
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

/**
 * Returns a text that changes whenever the file's content may have changed: inode, size and time of the last
 * change.
 */
export function fileStamp(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat === undefined ? 'none' : `${String(stat.ino)}.${String(stat.size)}.${String(stat.ctimeMs)}`
}

function unreadable(path: string, what: string, error: unknown): CniError {
  const reason = errorText(error)
  return new CniError(CniCode.IoFailure, `${what} not readable`, `${path}: ${reason}`, { cause: error })
}
