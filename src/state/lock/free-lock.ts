// Takes a lock that is free without proper-lockfile, which takes a verb longer to load than the lock is held
// (docs/startup.md). The protocol is the same (mkdir, utimes while the lock is held, rmdir), so each kind of
// holder waits for the other.

import { errnoCode } from '../../cni/error.ts'
import { lockFolderFs } from './lock-folder.ts'

/** A lock that this process holds. */
export interface Held {
  /** Tells whether another process has taken the lock away. */
  readonly isLost: () => boolean
  /** @throws the error of the failed system call */
  readonly release: () => void
}

/**
 * Takes the lock, or returns undefined if another process holds it.
 * @param updateMs how often to renew it
 * @throws the error of the failed system call
 */
export function takeFreeLock(path: string, updateMs: number): Held | undefined {
  const fs = lockFolderFs()
  try {
    fs.mkdirSync(path)
  } catch (error) {
    if (errnoCode(error) === 'EEXIST') return undefined
    throw error
  }
  let isLost = false
  const timer = setInterval(() => {
    try {
      fs.utimesSync(path, new Date(), new Date())
    } catch (error) {
      // Any other failure leaves the lock as it is; the next round tries again.
      isLost = errnoCode(error) === 'ENOENT'
    }
    if (isLost) clearInterval(timer)
  }, updateMs).unref()
  return {
    isLost: () => isLost,
    release: () => {
      clearInterval(timer)
      try {
        fs.rmdirSync(path)
      } catch (error) {
        if (errnoCode(error) !== 'ENOENT') throw error
      }
    },
  }
}
