// Detects cheaply whether a folder of certificates has changed.

import { fileStamp, listCertificates } from './source-file.ts'

/** A folder as it was seen: its own stamp, and the sorted names of its certificates with theirs. */
export interface FolderSnapshot {
  readonly folder: string
  readonly files: readonly (readonly [name: string, stamp: string])[]
}

/**
 * Returns the folder in which the agent stores learnt certificates (learnt-peers.ts), below its data
 * directory.
 */
export function learntFolder(dataDir: string): string {
  return `${dataDir}/peers`
}

// A stat(2) from Node takes 2 to 5 µs, so this many cost less than a hundredth of an ADD.
const LOOKS = 200

/** Returns the folder as it is now. @throws CniError IoFailure */
export function snapshotFolder(path: string): FolderSnapshot {
  const folder = fileStamp(path)
  return {
    folder,
    files: listCertificates(path).map((name) => [name, fileStamp(`${path}/${name}`)] as const),
  }
}

/**
 * Returns whether the folder is still as in `snapshot`. Files that appear, disappear or are renamed into
 * place change the folder's own stamp. A file that is overwritten in place changes only its own. So up to 200
 * files are all looked at. Of more, each call looks at the next 200, and a change is noticed after at most n
 * / 200 calls.
 * @param turn a number that differs from call to call
 */
export function isUnchanged(path: string, { folder, files }: FolderSnapshot, turn: number): boolean {
  if (fileStamp(path) !== folder) return false
  const start = files.length <= LOOKS ? 0 : (turn * LOOKS) % files.length
  const looked = [...files, ...files].slice(start, start + Math.min(LOOKS, files.length))
  return looked.every(([name, stamp]) => fileStamp(`${path}/${name}`) === stamp)
}
