// Attachment records on disk: <stateDir>/attachments/<network>/<containerID>:<ifname>.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'

import { CniCode, CniError, errnoCode } from '../../cni/error.ts'
import { type AttachmentKey, type AttachmentRecord, isSameKey, keyProblem } from '../../net/attachment.ts'
import { parseAttachment, sortedJson } from '../../net/attachment-text.ts'
import { hexHash } from '../../net/name-hash.ts'
import { createFile, overwriteFile, readText, replaceFile } from '../files/atomic.ts'
import { ioFailure, isDiskFull } from '../../cni/io-failure.ts'
import { withoutTemporary } from '../files/temporary.ts'

/** A record file as found: readable, or damaged with the reason in words. `text` is its whole content. */
type LoadedRecord =
  | { readonly path: string; readonly text: string; readonly record: AttachmentRecord }
  | { readonly path: string; readonly text: string; readonly problem: string }

/** Returns the folder of one network's records. */
export function recordFolder(stateDir: string, network: string): string {
  return join(stateDir, 'attachments', fileName(network))
}

/** Returns the folders of all networks that have one. */
export function recordFolders(stateDir: string): string[] {
  const root = join(stateDir, 'attachments')
  return namesIn(root).map((name) => join(root, name))
}

/**
 * Returns the record's file.
 * @throws TypeError for a key that could leave the folder, which the protocol refuses earlier
 */
export function recordPath(stateDir: string, key: AttachmentKey): string {
  const problem = keyProblem(key)
  if (problem !== undefined) throw new TypeError(problem)
  return join(recordFolder(stateDir, key.network), `${fileName(key.containerID)}:${key.ifname}`)
}

/** Loads the record of a key, or returns undefined if there is none. */
export function loadRecord(stateDir: string, key: AttachmentKey): LoadedRecord | undefined {
  const path = recordPath(stateDir, key)
  const text = readText(path)
  if (text === undefined) return undefined
  const parsed = parseAttachment(text)
  if ('problem' in parsed) return { path, text, problem: parsed.problem }
  if (!isSameKey(parsed, key)) return { path, text, problem: 'it describes another attachment' }
  return { path, text, record: parsed }
}

/**
 * Returns the key that a record's path stands for. Undefined if a part was shortened to fit a file name, or
 * is not a name.
 */
export function keyOfPath(path: string): AttachmentKey | undefined {
  const [network = '', file = ''] = path.split('/').slice(-2)
  const at = file.lastIndexOf(':')
  if (at < 1 || network.includes('~') || file.includes('~')) return undefined
  const key = { network, containerID: file.slice(0, at), ifname: file.slice(at + 1) }
  return keyProblem(key) === undefined ? key : undefined
}

/** Makes the CniError StateDamaged of a damaged record. */
export function damagedRecord(path: string, problem: string): CniError {
  return new CniError(
    CniCode.StateDamaged,
    'attachment record damaged',
    `${path}: ${problem}; a DEL of this container removes it; ` +
      'if the container no longer exists, remove the file by hand',
  )
}

/**
 * Writes the record of a new attachment. Returns false if there is one already. Not durable: an attachment in
 * progress does not survive a power failure, and every other process would wait for the disk, under the lock.
 */
export function createRecord(stateDir: string, record: AttachmentRecord): boolean {
  return createFile(recordPath(stateDir, record), sortedJson(record))
}

/** Replaces a record. Durable, because a container gets its address back from it after a power failure. */
export function replaceRecord(stateDir: string, record: AttachmentRecord): void {
  replaceFile(recordPath(stateDir, record), sortedJson(record), true)
}

/** Replaces a record. On a full disk, overwrites it in place instead, which a power failure can damage. */
export function replaceRecordAnyway(stateDir: string, record: AttachmentRecord): void {
  try {
    replaceRecord(stateDir, record)
  } catch (error) {
    if (!isDiskFull(error)) throw error
    overwriteFile(recordPath(stateDir, record), sortedJson(record))
  }
}

/** Returns all records, and the paths of damaged ones. */
export function listRecords(stateDir: string): {
  readonly records: AttachmentRecord[]
  readonly damaged: string[]
} {
  const records: AttachmentRecord[] = []
  const damaged: string[] = []
  for (const folder of recordFolders(stateDir)) {
    for (const name of withoutTemporary(namesIn(folder))) {
      const path = join(folder, name)
      const text = readText(path)
      if (text === undefined) continue
      const parsed = parseAttachment(text)
      if ('problem' in parsed || recordPath(stateDir, parsed) !== path) damaged.push(path)
      else records.push(parsed)
    }
  }
  return { records, damaged }
}

/** Returns the names in a folder; none if the folder does not exist. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return []
    throw ioFailure(folder, error)
  }
}

// NAME_MAX is 255 bytes, and ":" with an interface name takes 16. CNI sets no limit for a container ID or a
// network name. No such name contains "~" (CNI SPEC 1.1.0, section 2, "Parameters"), so a shortened name
// cannot equal an unshortened one.
const LONGEST = 200

function fileName(part: string): string {
  return Buffer.byteLength(part) <= LONGEST ? part : `${part.slice(0, LONGEST - 20)}~${hexHash(part, 16)}`
}
