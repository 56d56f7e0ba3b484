// The one lock of a state directory. It orders what processes read, decide and write; that two of them never get the
// same address rests on leases made exclusively (leases.ts), because a lock that is given up as stale can have two holders.

import { existsSync, rmdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { CniCode, CniError, errnoCode } from '../cni/error.ts'
import { ioFailure } from './atomic.ts'

// proper-lockfile 4.1.2 (its README, "Options"). A holder that was killed is waited for `stale` ms, so the tries must
// last longer: these reach 15 s. They begin fast because the lock is held for a few milliseconds.
const STALE_MS = 5_000
const UPDATE_MS = 1_000
const TRIES = 160
const FIRST_PAUSE_MS = 4
const LONGEST_PAUSE_MS = 100
const PAUSE_FACTOR = 1.3

/**
 * Runs `action` while this process holds `<stateDir>/lock`. No process may be started meanwhile. `signal` is aborted
 * when the lock is lost, which can be noticed only where `action` waits for something. `tries` is for tests.
 * Throws CniError TryAgainLater when the lock stays taken, IoFailure when it cannot be made.
 */
export async function withLock<T>(
  stateDir: string,
  action: (signal: AbortSignal) => T | Promise<T>,
  tries = TRIES,
): Promise<T> {
  const path = join(stateDir, 'lock')
  const lost = new AbortController()
  const release = await acquire(stateDir, path, lost, tries)
  try {
    return await action(lost.signal)
  } finally {
    giveUp(release, path)
  }
}

/**
 * For what only removes: as {@link withLock}, but goes on without it where a full disk has no room for the lock, for
 * there nobody else gets it either, and a container has to go for space to come back.
 */
export async function withLockUnlessFull(stateDir: string, action: () => void): Promise<void> {
  let entered = false
  try {
    await withLock(stateDir, () => {
      entered = true
      action()
    })
  } catch (error) {
    const code = error instanceof CniError ? errnoCode(error.cause) : undefined
    if (entered || (code !== 'ENOSPC' && code !== 'EDQUOT')) throw error
    action()
  }
}

async function acquire(
  stateDir: string,
  path: string,
  lost: AbortController,
  tries: number,
): Promise<() => void> {
  // Loaded here because most calls of this executable (VERSION, CHECK, STATUS) need no lock.
  // The synchronous form: the other one starts libuv's four threads for a handful of calls that wait for nothing.
  const { lockSync } = await import('proper-lockfile')
  const options = {
    lockfilePath: path,
    realpath: false,
    stale: STALE_MS,
    update: UPDATE_MS,
    // The default throws out of a timer, where nothing can catch it.
    onCompromised: (error: Error) => lost.abort(error),
  }
  const removeAbandoned = watch(path)
  // Its own `retries` would also repeat what cannot change, such as a read-only filesystem.
  for (let pauseMs = FIRST_PAUSE_MS, left = tries; ; left--) {
    try {
      return lockSync(stateDir, options)
    } catch (error) {
      // ENOENT: somebody took the new lock for the stale one and removed it before its time could be set.
      const code = errnoCode(error)
      if (code !== 'ELOCKED' && !(code === 'ENOENT' && existsSync(stateDir))) throw ioFailure(path, error)
      if (left === 0) throw staysLocked(path, error)
      removeAbandoned()
    }
    await sleep(pauseMs * (0.5 + Math.random()))
    pauseMs = Math.min(pauseMs * PAUSE_FACTOR, LONGEST_PAUSE_MS)
  }
}

// proper-lockfile compares the lock's time with the clock's. After the clock was set back a dead holder's lock lies in the
// future and would be waited for until then, so here counts how long it was not renewed, by a clock that is never set.
function watch(path: string): () => void {
  let seen = { mtimeMs: Number.NaN, sinceMs: 0 }
  return () => {
    const mtimeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs
    if (mtimeMs === undefined) return
    if (mtimeMs !== seen.mtimeMs) seen = { mtimeMs, sinceMs: performance.now() }
    else if (performance.now() - seen.sinceMs > STALE_MS) removeLock(path)
  }
}

function removeLock(path: string): void {
  try {
    rmdirSync(path)
  } catch (error) {
    // Somebody else who waited was first.
    if (errnoCode(error) !== 'ENOENT') throw ioFailure(path, error)
  }
}

function giveUp(release: () => void, path: string): void {
  try {
    release()
  } catch (error) {
    // ERELEASED: the lock had been lost. ENOTACQUIRED: the same, found by another way.
    const code = errnoCode(error)
    if (code !== 'ERELEASED' && code !== 'ENOTACQUIRED') throw ioFailure(path, error)
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

function staysLocked(path: string, cause: unknown): CniError {
  const mtimeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
  const ageSeconds = Math.max(0, Math.round((Date.now() - mtimeMs) / 1000))
  return new CniError(
    CniCode.TryAgainLater,
    'state directory is locked',
    `${path} is held by another process and was renewed ${String(ageSeconds)} s ago; try again, or look for a ` +
      'flatnet-cni process that hangs',
    { cause },
  )
}
