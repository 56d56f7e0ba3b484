// The sign of life for others, several times a second.

import type { Log } from '../log.ts'
import { beat } from '../state/agent-lease.ts'

/**
 * What gives the sign. Without it the guard takes the P2P routes and ADD installs its own: safe, and worth one word when it
 * begins and one when it is over.
 */
export function signOfLife(runDir: string, log: Log): (isReady: boolean) => void {
  let hasFailed = false
  return (isReady) => {
    try {
      beat(runDir, isReady)
      if (hasFailed) log('info', 'sign of life again', { file: runDir })
      hasFailed = false
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (!hasFailed) log('warn', 'no sign of life', { file: runDir, error: reason })
      hasFailed = true
    }
  }
}
