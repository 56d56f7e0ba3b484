// Looks whether the holder of a lock still renews it.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Facts } from '../check/facts.ts'
import { startDeadline } from '../exec/deadline.ts'
import { type LockHolder, lockHolder } from '../state/lock/lock-folder.ts'

// A holder renews its lock every second (src/state/lock/lock.ts).
const RENEWED_MS = 5000
const LOOK_MS = 100

/**
 * Returns the lock with the age of its last renewal, or undefined if it is free. If the time of the renewal
 * looks suspicious, the clock may have been set since, so the lock is watched: a renewal within `watchMs` of
 * own time counts.
 */
export async function watchLock(path: string, watchMs = RENEWED_MS): Promise<Facts['ipam']['lock']> {
  const first = lockHolder(path)
  if (first === undefined) return undefined
  const ageMs = Date.now() - first.renewedMs
  if (first.fate === 'ended' || (ageMs >= 0 && ageMs < RENEWED_MS)) return fact(path, first, ageMs)
  const later = await nextRenewal(path, first, watchMs)
  if (later === undefined) return undefined
  return fact(path, later, later === first ? Math.max(ageMs, watchMs) : 0)
}

// Undefined once the lock is free.
async function nextRenewal(
  path: string,
  first: LockHolder,
  watchMs: number,
): Promise<LockHolder | undefined> {
  let isOver = false
  const { clear } = startDeadline(watchMs, () => (isOver = true))
  try {
    while (!isOver) {
      await sleep(LOOK_MS)
      const holder = lockHolder(path)
      if (holder?.entry !== first.entry || holder.renewedMs !== first.renewedMs) return holder
    }
    return first
  } finally {
    clear()
  }
}

function fact(path: string, { pid, fate }: LockHolder, ageMs: number): Facts['ipam']['lock'] {
  return { path, pid, fate, ageSeconds: Math.round(ageMs / 1000) }
}
