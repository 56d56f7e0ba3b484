// Changes a file of another program: mode and owner stay as they were.

import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { placeFailure } from '../joined/places.ts'
import { syncFolder } from './sync-folder.ts'
import { temporaryPath } from './temporary.ts'

/**
 * Replaces the text of a file that exists, durably; readers see the old text or the new one. A link stays,
 * and the file it leads to is replaced. @throws CniError IoFailure
 */
export function rewriteFile(path: string, text: string): void {
  try {
    const target = realpathSync(path)
    const { mode, uid, gid } = statSync(target)
    const beside = temporaryPath(dirname(target))
    try {
      writeFileSync(beside, text, { flag: 'wx', mode: 0o600 })
      const file = openSync(beside, 'r')
      try {
        fchownSync(file, uid, gid)
        fchmodSync(file, mode & 0o7777)
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
      renameSync(beside, target)
    } catch (error) {
      rmSync(beside, { force: true })
      throw error
    }
    syncFolder(dirname(target))
  } catch (error) {
    throw placeFailure(path, error)
  }
}
