// Names of files and folders that a process needs for a moment only. A process that is killed meanwhile
// leaves one behind. Its name proves that it is no longer in use.

import { lstatSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'

import { errnoCode } from '../../cni/error.ts'
import { ioFailure } from '../../cni/io-failure.ts'
import { processStartTime } from '../../kernel/presence.ts'
import { fateOf, ownMark } from '../lock/process-mark.ts'

// No name from a runtime begins with a dot (CNI SPEC 1.1.0, section 2, "Parameters"), so none equals ours.
const TEMPORARY = '.tmp-'

let serial = 0

/** Returns a path in the folder that no other process and no other call uses. */
export function temporaryPath(folder: string): string {
  serial += 1
  return join(folder, `${TEMPORARY}${ownMark()}-${String(serial)}`)
}

/** Returns the names that are not temporary. */
export function withoutTemporary(names: readonly string[]): string[] {
  return names.filter((name) => !name.startsWith(TEMPORARY))
}

/**
 * Returns the temporary files and folders in a folder whose process has provably ended. @throws CniError
 * IoFailure
 */
export function leftTemporaries(folder: string): readonly string[] {
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return []
    throw ioFailure(folder, error)
  }
  return names.filter(isLeft).map((name) => join(folder, name))
}

/**
 * Removes a temporary file, or a folder of them. Does nothing if it does not exist. @throws CniError
 * IoFailure
 */
export function removeTemporary(path: string): void {
  try {
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
      for (const name of readdirSync(path)) unlinkSync(join(path, name))
      rmdirSync(path)
    } else unlinkSync(path)
  } catch (error) {
    // Another process clears the same folder.
    if (errnoCode(error) !== 'ENOENT') throw ioFailure(path, error)
  }
}

function isLeft(name: string): boolean {
  if (!name.startsWith(TEMPORARY)) return false
  const rest = name.slice(TEMPORARY.length)
  // Versions up to 0.1 put only the process ID into the name.
  const [, pid] = /^(\d{1,10})-\d+$/.exec(rest) ?? []
  if (pid !== undefined) return processStartTime(Number(pid)) === undefined
  return fateOf(rest.replace(/-\d+$/, '')) === 'ended'
}
