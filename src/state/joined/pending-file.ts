// What a join by code keeps until it has ended: /var/lib/flatnet/join/enrolment.json, mode 0600. It holds
// the key.

import { chmodSync, mkdirSync } from 'node:fs'
import { parsePending, type Pending, pendingText } from '../../provision/enrolment/pending.ts'
import { makeFolder, readText, removeFile, replaceFile } from '../files/atomic.ts'
import { temporaryPath } from '../files/temporary.ts'
import { JOIN_FOLDER } from './journal-file.ts'
import { clearTemporaries, placeFailure, removeTree } from './places.ts'

export interface PendingFile {
  readonly path: string
  /** @throws CniError IoFailure, InvalidConfig for a damaged file */
  readonly read: () => Pending | undefined
  /** Writes it; it is on the disk when this returns. @throws CniError IoFailure */
  readonly write: (pending: Pending) => void
  readonly remove: () => void
  /** Removes what a killed process had not finished to write. @throws CniError IoFailure */
  readonly clear: () => void
  /** Runs an action in a new folder for keys, which is removed after it. @throws CniError IoFailure */
  readonly inWorkFolder: <T>(action: (folder: string) => Promise<T>) => Promise<T>
}

/** Opens it. */
export function pendingFile(folder: string = JOIN_FOLDER): PendingFile {
  const path = `${folder}/enrolment.json`
  return {
    path,
    read: () => {
      const text = readText(path)
      return text === undefined ? undefined : parsePending(text, path)
    },
    write: (pending) => {
      makeFolder(folder)
      clearTemporaries(folder)
      replaceFile(path, pendingText(pending), true)
    },
    remove: () => removeFile(path),
    clear: () => clearTemporaries(folder),
    inWorkFolder: async (action) => {
      makeFolder(folder)
      clearTemporaries(folder)
      const work = temporaryPath(folder)
      try {
        mkdirSync(work, { mode: 0o700 })
        chmodSync(work, 0o700)
        return await action(work)
      } catch (error) {
        throw placeFailure(work, error)
      } finally {
        removeTree(work)
      }
    },
  }
}
