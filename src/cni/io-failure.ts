// Turns failed system calls into CniErrors that name the path. Only this file of the folder puts errno values
// into words.

import { CniCode, CniError, errnoCode } from './error.ts'

/**
 * Returns a failed system call as CniError IoFailure: the path, the reason in words and what to do about it.
 */
export function ioFailure(path: string, error: unknown): unknown {
  return failureAt(path, error, {
    message: 'cannot use the state directory',
    adviceOf: (code) => ADVICE[code] ?? 'check the file and its filesystem',
  })
}

/** Returns a failed system call in the words of the caller. Any other error is returned as it is. */
export function failureAt(
  path: string,
  error: unknown,
  words: { readonly message: string; readonly adviceOf: (errno: string) => string },
): unknown {
  const code = errnoCode(error)
  if (error instanceof CniError || code === undefined) return error
  // Node ends its messages with the name of the call and the path.
  const reason = error instanceof Error ? error.message.replace(/, \w+( '.*)?$/, '') : code
  const details = `${path}: ${reason}; ${words.adviceOf(code)}`
  return new CniError(CniCode.IoFailure, words.message, details, { cause: error })
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
