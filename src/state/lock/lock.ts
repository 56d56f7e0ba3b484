// The one lock of a state directory. It orders what processes read, decide and write. It does not decide who
// gets an address: leases do, because they are made exclusively (leases.ts). lock-folder.ts describes it on
// disk.

import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { CniCode, CniError, errnoCode } from '../../cni/error.ts'
import { ioFailure, isDiskFull } from '../../cni/io-failure.ts'
import { type Held, takeFreeLock } from './free-lock.ts'
import { evict, type LockHolder, lockFolderFs, lockHolder } from './lock-folder.ts'

// A running holder never loses the lock, however long the scheduler starves it. A holder that has ended loses
// it immediately. Only if neither can be proven (another PID namespace), the time since it last renewed the
// lock decides.
const UNRENEWED_MS = 10_000
const UPDATE_MS = 1_000
// The number of looks at one holder. The pauses between them add up to 15 s, and start short because holders
// need the lock for a few milliseconds. A process that has waited long waits behind many others, and with a
// hundred of them, looks at short intervals took a fifth of the processor time. A change of holders is
// progress, and allows ten times as many looks.
const TRIES = 75
const MOST_HOLDERS_TRIES = 10 * TRIES
const FIRST_PAUSE_MS = 4
const LONGEST_PAUSE_MS = 250
const PAUSE_FACTOR = 1.3
// Looks at one holder, half a second in sum, before proper-lockfile is loaded. That takes longer than most
// holders need, and many processes may wait, each for its turn.
const QUICK_LOOKS = 14

/**
 * Runs `action` while this process holds `<stateDir>/lock`. The action must not start a process. `isLost`
 * tells whether the lock was lost, which only an action that awaits something can notice. `tries` is for
 * tests.
 * @throws CniError TryAgainLater if the lock stays taken, IoFailure if it cannot be made
 */
export async function withLock<T>(
  stateDir: string,
  action: (isLost: () => boolean) => T | Promise<T>,
  tries = TRIES,
): Promise<T> {
  const path = join(stateDir, 'lock')
  const { isLost, release } = await acquire(stateDir, path, tries)
  try {
    return await action(isLost)
  } finally {
    giveUp(release, path)
  }
}

/**
 * Runs an action that only removes, as {@link withLock} does. On a full disk without room for the lock, runs
 * the action without it: no other process can take the lock either, and only removing containers frees space.
 */
export async function withLockUnlessFull<T>(stateDir: string, action: () => T): Promise<T> {
  let entered = false
  try {
    return await withLock(stateDir, () => {
      entered = true
      return action()
    })
  } catch (error) {
    if (entered || !isDiskFull(error)) throw error
    return action()
  }
}

async function acquire(stateDir: string, path: string, tries: number): Promise<Held> {
  const look = watch()
  let mostLooks = 0
  for (let pauseMs = FIRST_PAUSE_MS, total = 0; ; total++) {
    const { holder, looks, isOver } = total === 0 ? NOT_LOOKED : watched(path, look)
    mostLooks = Math.max(mostLooks, looks)
    if (holder === undefined) {
      const held = await take(stateDir, path, mostLooks > QUICK_LOOKS)
      if (held !== undefined) return held
    } else if (isOver) {
      takeAway(path, holder)
      continue
    }
    if (looks > tries || total > MOST_HOLDERS_TRIES) throw staysLocked(path, holder)
    await sleep(pauseMs * (0.5 + Math.random()))
    pauseMs = Math.min(pauseMs * PAUSE_FACTOR, LONGEST_PAUSE_MS)
  }
}

async function take(stateDir: string, path: string, hasWaited: boolean): Promise<Held | undefined> {
  try {
    return hasWaited ? await takeWithLibrary(stateDir, path) : takeFreeLock(path, UPDATE_MS)
  } catch (error) {
    throw ioFailure(path, error)
  }
}

async function takeWithLibrary(stateDir: string, path: string): Promise<Held | undefined> {
  // The synchronous form, because the other one starts libuv's four threads for a handful of calls that wait
  // for nothing.
  const { lockSync } = await import('proper-lockfile')
  let isLost = false
  const options = {
    lockfilePath: path,
    realpath: false,
    // Disables its own test for stale locks, which depends on the time of day.
    stale: Infinity,
    update: UPDATE_MS,
    // The default throws out of a timer, where nothing can catch it.
    onCompromised: () => (isLost = true),
    // Its own `retries` would also repeat what cannot change, such as a read-only filesystem.
    fs: lockFolderFs(),
  }
  try {
    return { release: lockSync(stateDir, options), isLost: () => isLost }
  } catch (error) {
    // ENOENT: the lock was removed by hand before its time could be set.
    const code = errnoCode(error)
    if (code === 'ELOCKED' || (code === 'ENOENT' && existsSync(stateDir))) return undefined
    throw error
  }
}

interface Look {
  readonly holder: LockHolder | undefined
  /** How many times in a row this holder was seen. */
  readonly looks: number
  /** Whether to take its lock away. */
  readonly isOver: boolean
}

const NOT_LOOKED: Look = { holder: undefined, looks: 0, isOver: false }

function watched(path: string, look: (holder: LockHolder | undefined) => Look): Look {
  try {
    return look(lockHolder(path))
  } catch (error) {
    throw ioFailure(path, error)
  }
}

function takeAway(path: string, holder: LockHolder): void {
  try {
    evict(path, holder)
  } catch (error) {
    throw ioFailure(path, error)
  }
}

// Uses the monotonic clock, because the time of day may be set while a process waits. `performance` loads a
// module of Node.
function watch(): (holder: LockHolder | undefined) => Look {
  let entry: string | undefined
  let looks = 0
  let renewed = { atMs: Number.NaN, sinceMs: 0 }
  return (holder) => {
    if (holder?.entry !== entry) looks = 0
    entry = holder?.entry
    looks += 1
    if (holder === undefined) return { holder, looks, isOver: false }
    const { renewedMs, fate } = holder
    if (looks === 1 || renewedMs !== renewed.atMs) renewed = { atMs: renewedMs, sinceMs: monotonicMs() }
    const isSilent = monotonicMs() - renewed.sinceMs > UNRENEWED_MS
    return { holder, looks, isOver: fate === 'ended' || (fate === 'unknown' && isSilent) }
  }
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n)
}

function giveUp(release: () => void, path: string): void {
  try {
    release()
  } catch (error) {
    // ERELEASED: the lock had been lost. ENOTACQUIRED: the same, found in another place.
    const code = errnoCode(error)
    if (code !== 'ERELEASED' && code !== 'ENOTACQUIRED') throw ioFailure(path, error)
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

function staysLocked(path: string, holder: LockHolder | undefined): CniError {
  const { pid, fate } = holder ?? {}
  const who =
    pid === undefined || fate === 'unknown' ? 'another process' : `process ${String(pid)}, which still runs`
  const next =
    pid === undefined
      ? 'find a flatnet-cni process that hangs: pgrep -a flatnet-cni'
      : `find out what it waits for: ps -o pid,stat,wchan,args -p ${String(pid)}`
  return new CniError(
    CniCode.TryAgainLater,
    'state directory is locked',
    `${path} is held by ${who}; try again, or ${next}`,
  )
}
