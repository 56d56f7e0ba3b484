// Keeps a route guard in office for as long as the agent lives.
//
//   <runDir>/guard.pid   the process ID of the guard in office
//   <runDir>/withdrawn   the guard has taken the P2P routes of an agent that stood still

import { setTimeout as sleep } from 'node:timers/promises'
import { startGuard } from '../exec/guard.ts'
import type { Log } from '../log.ts'
import { leasePath, withdrawalPath } from '../state/agent-lease.ts'
import { removeFile } from '../state/atomic.ts'
import { readCachedText } from '../state/cache.ts'
import { thisProcess } from '../state/liveness.ts'

const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 5000
const STEADY_MS = 10_000

/**
 * Has a guard watch this process, and another one when it ends. The agent has to have given its first sign of life.
 * @returns sends the guard away, which leaves the routes as they are
 */
export async function keepRouteGuard(runDir: string, log: Log): Promise<() => void> {
  const seat = `${runDir}/guard.pid`
  const watched = {
    ...thisProcess(),
    lease: leasePath(runDir),
    withdrawal: withdrawalPath(runDir),
    seat,
    mark: markPath(runDir),
  }
  removeFile(watched.mark)
  const stopping = new AbortController()
  let current = await startGuard(watched)
  const follow = async (): Promise<void> => {
    let pauseMs = FIRST_PAUSE_MS
    for (;;) {
      const since = performance.now()
      await current.ended
      if (stopping.signal.aborted) return
      log('warn', 'route guard has ended, starting another')
      if (performance.now() - since > STEADY_MS) pauseMs = FIRST_PAUSE_MS
      await sleep(pauseMs, undefined, { ref: false, signal: stopping.signal })
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
      current = await startGuard(watched)
      if (stopping.signal.aborted) removeFile(seat)
    }
  }
  // What the pause rejects with when it is cut short.
  follow().catch(() => undefined)
  return () => {
    stopping.abort()
    // It looks there in every round and leaves when it does not find itself.
    removeFile(seat)
  }
}

/**
 * Whether the guard has taken the P2P routes since the last call. Its own word, because the routes may be back already: whatever
 * the agent had begun before it stood still goes on first.
 */
export function hasWithdrawn(runDir: string): boolean {
  const mark = markPath(runDir)
  const isThere = readCachedText(mark) !== undefined
  if (isThere) removeFile(mark)
  return isThere
}

function markPath(runDir: string): string {
  return `${runDir}/withdrawn`
}
