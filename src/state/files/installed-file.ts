// Files that other programs read as any user, such as units and configurations. State is for root alone.

import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { ioFailure } from '../../cni/io-failure.ts'
import { makeFolder } from './atomic.ts'
import { temporaryPath } from './temporary.ts'

/** Writes a file that all may read, under another name first. @throws CniError IoFailure */
export function putFile(path: string, text: string): void {
  try {
    makeFolder(dirname(path))
    const temporary = temporaryPath(dirname(path))
    writeFileSync(temporary, text, { flag: 'wx' })
    chmodSync(temporary, 0o644)
    renameSync(temporary, path)
  } catch (error) {
    throw ioFailure(path, error)
  }
}

/** Makes a folder that all may enter; leaves one that is there as it is. @throws CniError IoFailure */
export function makeOpenFolder(path: string): void {
  try {
    if (mkdirSync(path, { recursive: true }) !== undefined) chmodSync(path, 0o755)
  } catch (error) {
    throw ioFailure(path, error)
  }
}

/** Removes a folder with all that is in it. @throws CniError IoFailure */
export function removeTree(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch (error) {
    throw ioFailure(path, error)
  }
}
