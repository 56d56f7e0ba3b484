// Writes the agent's heartbeat several times a second, for other programs.

import { errorText } from '../../cni/error.ts'
import type { Log } from '../../log.ts'
import { beat } from '../../state/agent/heartbeat.ts'

/**
 * Returns a function that writes the heartbeat. Without a heartbeat the guard removes the direct routes and
 * ADD installs its own, which is safe. So a failure is logged once when it begins and once when it ends.
 */
export function makeHeartbeat(runDir: string, log: Log): (isReady: boolean) => void {
  let hasFailed = false
  return (isReady) => {
    try {
      beat(runDir, isReady)
      if (hasFailed) log('info', 'heartbeat written again', { file: runDir })
      hasFailed = false
    } catch (error) {
      const reason = errorText(error)
      if (!hasFailed) log('warn', 'heartbeat not written', { file: runDir, error: reason })
      hasFailed = true
    }
  }
}
