// Attachment records on disk: <stateDir>/attachments/<network>/<containerID>:<ifname>.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'

import { CniCode, CniError, errnoCode } from '../cni/error.ts'
import { type AttachmentKey, type AttachmentRecord, isSameKey, keyProblem } from '../net/attachment.ts'
import { parseAttachment, sortedJson } from '../net/attachment-text.ts'
import { hexHash } from '../net/name-hash.ts'
import { createFile, ioFailure, readText, replaceFile, withoutTemporary } from './atomic.ts'

/** A record file as found: readable, or damaged with the reason in words. `text` is its whole content. */
export type LoadedRecord =
  | { readonly path: string; readonly text: string; readonly record: AttachmentRecord }
  | { readonly path: string; readonly text: string; readonly problem: string }

/** A folder of all records of one network. */
export function recordFolder(stateDir: string, network: string): string {
  return join(stateDir, 'attachments', fileName(network))
}

/** The record's file. Throws a TypeError for a key that could leave the folder: the protocol refuses those earlier. */
export function recordPath(stateDir: string, key: AttachmentKey): string {
  const problem = keyProblem(key)
  if (problem !== undefined) throw new TypeError(problem)
  return join(recordFolder(stateDir, key.network), `${fileName(key.containerID)}:${key.ifname}`)
}

/** The record of a key as it is on disk, or undefined when there is none. */
export function loadRecord(stateDir: string, key: AttachmentKey): LoadedRecord | undefined {
  const path = recordPath(stateDir, key)
  const text = readText(path)
  if (text === undefined) return undefined
  const parsed = parseAttachment(text)
  if ('problem' in parsed) return { path, text, problem: parsed.problem }
  if (!isSameKey(parsed, key)) return { path, text, problem: 'it speaks of another attachment' }
  return { path, text, record: parsed }
}

/** The key that a record's path stands for; undefined where a part was shortened to fit a file name, or is no name. */
export function keyOfPath(path: string): AttachmentKey | undefined {
  const [network = '', file = ''] = path.split('/').slice(-2)
  const at = file.lastIndexOf(':')
  if (at < 1 || network.includes('~') || file.includes('~')) return undefined
  const key = { network, containerID: file.slice(0, at), ifname: file.slice(at + 1) }
  return keyProblem(key) === undefined ? key : undefined
}

/** CniError StateDamaged for a damaged record. */
export function damagedRecord(path: string, problem: string): CniError {
  return new CniError(
    CniCode.StateDamaged,
    'attachment record damaged',
    `${path}: ${problem}; a DEL of this container removes it, and so does its owner by hand once the container is gone`,
  )
}

/**
 * Writes the record of a new attachment. False when there is one already. Not durable: what is being added when the
 * power fails is gone with the kernel, and the wait would be for everybody, under the lock.
 */
export function createRecord(stateDir: string, record: AttachmentRecord): boolean {
  return createFile(recordPath(stateDir, record), sortedJson(record))
}

/** Replaces a record; durable, for it is what gives a container its address back after a power failure. */
export function replaceRecord(stateDir: string, record: AttachmentRecord): void {
  replaceFile(recordPath(stateDir, record), sortedJson(record), true)
}

/** All records, of one network or of every one, and the paths of damaged ones. */
export function listRecords(
  stateDir: string,
  network?: string,
): { readonly records: AttachmentRecord[]; readonly damaged: string[] } {
  const records: AttachmentRecord[] = []
  const damaged: string[] = []
  const root = join(stateDir, 'attachments')
  const folders =
    network === undefined ? namesIn(root).map((name) => join(root, name)) : [recordFolder(stateDir, network)]
  for (const folder of folders) {
    for (const name of withoutTemporary(folder, namesIn(folder), Date.now())) {
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

/** The names in a folder; none when there is no such folder. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return []
    throw ioFailure(folder, error)
  }
}

// NAME_MAX is 255 bytes, and ":" with an interface name takes 16. CNI sets no limit for a container ID or a network
// name. "~" is in no such name (CNI SPEC 1.1.0, section 2, "Parameters"), so a shortened name meets no plain one.
const LONGEST = 200

function fileName(part: string): string {
  return Buffer.byteLength(part) <= LONGEST ? part : `${part.slice(0, LONGEST - 20)}~${hexHash(part, 16)}`
}
