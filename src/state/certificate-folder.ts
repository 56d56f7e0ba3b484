// Tells cheaply whether a folder of certificates is as it was seen before.

import { fileStamp, listCertificates } from './source-file.ts'

/** A folder as it was seen: its own stamp, and the names of its certificates with theirs, sorted. */
export interface FolderSnapshot {
  readonly folder: string
  readonly files: readonly (readonly [name: string, stamp: string])[]
}

/** Where the agent keeps what it has learnt (learnt-peers.ts), below its data directory. */
export function learntFolder(dataDir: string): string {
  return `${dataDir}/peers`
}

// A stat(2) from Node is 2 to 5 µs: so many cost an ADD less than a hundredth of itself.
const LOOKS = 200

/** The folder as it is now. @throws CniError IoFailure */
export function snapshotFolder(path: string): FolderSnapshot {
  const folder = fileStamp(path)
  return {
    folder,
    files: listCertificates(path).map((name) => [name, fileStamp(`${path}/${name}`)] as const),
  }
}

/**
 * Whether the folder is still as in `snapshot`. Files that came, went or were renamed into place change the folder itself.
 * One that was written over in place changes only itself: of at most 200 files all are looked at, of more 200 in
 * turn, so that a change is seen after as many calls as there are times 200 files.
 * @param turn any number that differs from call to call
 */
export function isUnchanged(path: string, { folder, files }: FolderSnapshot, turn: number): boolean {
  if (fileStamp(path) !== folder) return false
  const start = files.length <= LOOKS ? 0 : (turn * LOOKS) % files.length
  const looked = [...files, ...files].slice(start, start + Math.min(LOOKS, files.length))
  return looked.every(([name, stamp]) => fileStamp(`${path}/${name}`) === stamp)
}
