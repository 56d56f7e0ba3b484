// Keeps a route guard running for as long as the agent lives.
//
//   <runDir>/guard.pid   the process ID of the current guard
//   <runDir>/withdrawn   exists once the guard has removed the direct routes of an agent that stalled

import { startGuard } from '../../exec/background/guard.ts'
import { keepRunning } from '../../exec/background/keep-running.ts'
import type { Settings } from '../../config/settings.ts'
import type { Log } from '../../log.ts'
import { heartbeatPath, withdrawalPath } from '../../state/agent/heartbeat.ts'
import { standInPath } from '../../state/agent/names-stand-in.ts'
import { removeFile } from '../../state/files/atomic.ts'
import { readCachedText } from '../../state/files/cache.ts'
import { thisProcess } from '../../kernel/presence.ts'

const FIRST_PAUSE_MS = 200

/**
 * Starts a guard that watches this process, and another when it ends. The agent's first heartbeat must
 * precede this call.
 * @returns a function that dismisses the guard, which leaves the routes as they are
 */
export async function keepRouteGuard(
  { runDir, stateDir }: Pick<Settings, 'runDir' | 'stateDir'>,
  log: Log,
): Promise<() => void> {
  const seat = `${runDir}/guard.pid`
  const watched = {
    ...thisProcess(),
    heartbeat: heartbeatPath(runDir),
    withdrawal: withdrawalPath(runDir),
    seat,
    mark: markPath(runDir),
    names: standInPath(stateDir),
  }
  removeFile(watched.mark)
  return keepRunning({
    start: () => startGuard(watched),
    // The guard looks there in every round, and ends if it does not find itself.
    end: () => removeFile(seat),
    firstPauseMs: FIRST_PAUSE_MS,
    onEnd: () => log('warn', 'route guard has ended, starting another'),
  })
}

/**
 * Returns whether the guard has removed the direct routes since the last call. The guard's own mark decides,
 * because the routes may be back already: an agent that resumes first finishes what it had started.
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
