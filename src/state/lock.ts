// The one lock of a state directory. It orders what processes read, decide and write; that two of them never get the
// same address rests on leases made exclusively (leases.ts), because a lock that is given up as stale can have two holders.

import { statSync } from 'node:fs'
import { join } from 'node:path'

import { CniCode, CniError, errnoCode } from '../cni/error.ts'
import { ioFailure } from './atomic.ts'

// proper-lockfile 4.1.2 (its README, "Options"). A holder that was killed is waited for `stale` ms, so the tries must
// last longer: these reach 15 s. They begin fast because the lock is held for a few milliseconds.
const STALE_MS = 5_000
const UPDATE_MS = 1_000
const RETRIES = { retries: 160, factor: 1.3, minTimeout: 4, maxTimeout: 100, randomize: true }

/**
 * Runs `action` while this process holds `<stateDir>/lock`. No process may be started meanwhile. `signal` is aborted
 * when the lock is lost, which can be noticed only where `action` waits for something.
 * Throws CniError TryAgainLater when the lock stays taken, IoFailure when it cannot be made.
 */
export async function withLock<T>(
  stateDir: string,
  action: (signal: AbortSignal) => T | Promise<T>,
): Promise<T> {
  const path = join(stateDir, 'lock')
  const lost = new AbortController()
  const release = await acquire(stateDir, path, lost)
  try {
    return await action(lost.signal)
  } finally {
    await release().catch((error: unknown) => {
      // ERELEASED: the lock had been lost. ENOTACQUIRED: the same, found by another way.
      const code = errnoCode(error)
      if (code !== 'ERELEASED' && code !== 'ENOTACQUIRED') throw ioFailure(path, error)
    })
  }
}

async function acquire(stateDir: string, path: string, lost: AbortController): Promise<() => Promise<void>> {
  // Loaded here because most calls of this executable (VERSION, CHECK, STATUS) need no lock.
  const { lock } = await import('proper-lockfile')
  try {
    return await lock(stateDir, {
      lockfilePath: path,
      realpath: false,
      stale: STALE_MS,
      update: UPDATE_MS,
      retries: RETRIES,
      // The default throws out of a timer, where nothing can catch it.
      onCompromised: (error) => lost.abort(error),
    })
  } catch (error) {
    if (errnoCode(error) !== 'ELOCKED') throw ioFailure(path, error)
    throw new CniError(
      CniCode.TryAgainLater,
      'state directory is locked',
      `${path} is held by another process and was renewed ${ageOf(path)} ago; try again, or look for a flatnet-cni ` +
        'process that hangs',
      { cause: error },
    )
  }
}

function ageOf(path: string): string {
  const mtimeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs
  return mtimeMs === undefined
    ? 'just'
    : `${String(Math.max(0, Math.round((Date.now() - mtimeMs) / 1000)))} s`
}
