// Runs jobs in parallel, as many as the machine can handle.
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { mayStart } from './admission.ts'
import { idleShareOf, readTicks } from './processors.ts'

// Long enough for a job that has just started to show in the machine's figures.
const LOOK_MS = 2000

/**
 * Runs all jobs in order.
 * @param isOver stops further ones from starting
 * @returns those that were not started
 */
export async function runQueue<T>(
  jobs: readonly T[],
  run: (job: T) => Promise<void>,
  isOver: () => boolean,
): Promise<readonly T[]> {
  const waiting = [...jobs]
  const running = new Set<Promise<void>>()
  const cores = availableParallelism()
  let before = readTicks()
  while (waiting.length > 0 && !isOver()) {
    while (mayStart({ running: running.size, cores, idleShare: 0 })) if (!startNext()) break
    await Promise.race([sleep(LOOK_MS), ...running])
    const now = readTicks()
    // Too little time has passed to say anything.
    if (now.all - before.all < cores * LOOK_MS * TICKS_PER_MS) continue
    if (mayStart({ running: running.size, cores, idleShare: idleShareOf(before, now) })) startNext()
    before = now
  }
  await Promise.all(running)
  return waiting

  function startNext(): boolean {
    const job = waiting.shift()
    if (job === undefined) return false
    const promise = run(job).finally(() => running.delete(promise))
    running.add(promise)
    return true
  }
}

// USER_HZ is 100 on every architecture of Debian: time(7).
const TICKS_PER_MS = 0.9 / 10
