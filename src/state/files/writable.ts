// Determines whether files can be made in a folder, without leaving anything there.

import {
  accessSync,
  closeSync,
  constants,
  lstatSync,
  openSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'

import { errnoCode } from '../../cni/error.ts'

// open(2), O_TMPFILE: __O_TMPFILE (asm-generic/fcntl.h) with O_DIRECTORY, whose value differs on arm64. Node
// has no name for it.
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY

/**
 * Returns why nothing can be written to a folder, with the path that is in the way; undefined if it can. If
 * the folder does not exist yet, the nearest one above it decides, because the first ADD makes it there.
 */
export function whyNotWritable(path: string): string | undefined {
  let place = path
  while (
    lookedAt(() => lstatSync(place, { throwIfNoEntry: false })) === undefined &&
    place !== dirname(place)
  )
    place = dirname(place)
  const found = lookedAt(() => statSync(place, { throwIfNoEntry: false }))
  if (typeof found === 'string') return `${place}: ${found}`
  if (found === undefined) return `${place} is a dangling link`
  if (!found.isDirectory()) return `${place} is not a folder`
  // A removed folder has no name left (inode(7), st_nlink), and mkdir(2) in it fails with ENOENT.
  if (found.nlink === 0) return `${place} was deleted below its mount`
  const problem = tryUnnamedFile(place)
  return problem === undefined ? undefined : `${place}: ${problem}`
}

function lookedAt(look: () => Stats | undefined): Stats | string | undefined {
  try {
    return look()
  } catch (error) {
    return reason(error)
  }
}

function tryUnnamedFile(folder: string): string | undefined {
  try {
    const file = openSync(folder, O_TMPFILE | constants.O_WRONLY, 0o600)
    try {
      writeSync(file, 'x')
    } finally {
      closeSync(file)
    }
    return undefined
  } catch (error) {
    // Some filesystems lack such files. access(2) then gives the best answer available.
    const isUnknown = ['EOPNOTSUPP', 'EISDIR', 'ENOSYS', 'EINVAL'].includes(errnoCode(error) ?? '')
    return isUnknown ? refusedAccess(folder) : reason(error)
  }
}

function refusedAccess(folder: string): string | undefined {
  try {
    accessSync(folder, constants.W_OK)
    return undefined
  } catch (error) {
    return reason(error)
  }
}

// "EROFS: read-only file system"
function reason(error: unknown): string {
  return error instanceof Error ? error.message.replace(/, \w+( '.*)?$/, '') : String(error)
}
