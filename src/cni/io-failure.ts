// Turns failed system calls into CniErrors that name the path. Only this file of the folder puts errno values
// into words.

import { CniCode, CniError, errnoCode } from './error.ts'

/**
 * Returns a failed system call as CniError IoFailure: the path, the reason in words and what to do about it.
 */
export function ioFailure(path: string, error: unknown): unknown {
  const code = errnoCode(error)
  if (error instanceof CniError || code === undefined) return error
  const advice = ADVICE[code] ?? 'check the file and its filesystem'
  const reason = error instanceof Error ? error.message.replace(/, \w+( '.*)?$/, '') : code
  return new CniError(CniCode.IoFailure, 'cannot use the state directory', `${path}: ${reason}; ${advice}`, {
    cause: error,
  })
}

/** Returns whether a call failed because the disk or a quota is full. */
export function isDiskFull(error: unknown): boolean {
  const code = errnoCode(error instanceof CniError ? error.cause : error)
  return code === 'ENOSPC' || code === 'EDQUOT'
}

const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'free some space on its filesystem and try again',
  EDQUOT: 'free some space in its quota and try again',
  EROFS: 'remount its filesystem read-write, or set stateDir to a folder that can be written',
  EACCES: 'run as root, or set stateDir to a folder that can be written',
  EPERM: 'run as root, or set stateDir to a folder on a filesystem that can be written and has hard links',
  ENOTDIR: 'a file is where a folder should be: move it away',
  ENOENT:
    'the parent folder was deleted below its mount, or is behind a dangling link: create or mount it again',
}
