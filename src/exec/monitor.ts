// Follows the kernel's notices about links, addresses and routes for as long as the agent lives.

import { setTimeout as sleep } from 'node:timers/promises'
import { startBackground } from './run.ts'

/** Who is told. */
export interface MonitorListener {
  /** One line of `ip -oneline monitor label` (ip/monitor-line.ts reads it). */
  readonly onLine: (line: string) => void
  /** The monitor has ended and begins again: what happened in between is not known. */
  readonly onGap: () => void
}

// iproute2 6.1: `ip -j monitor` writes text all the same.
const ARGS = ['-oneline', 'monitor', 'label', 'link', 'address', 'route']

// The kernel drops a listener that does not keep up (netlink(7), ENOBUFS): it is back at once, and not in a tight loop.
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5000
const STEADY_MS = 10_000

/** Starts to listen; comes back once the process runs. @returns ends it */
export async function startMonitor(listener: MonitorListener): Promise<() => void> {
  const stopping = new AbortController()
  const { onLine, onGap } = listener
  const start = () => startBackground({ file: 'ip', args: ARGS, onLine })
  let current = await start()
  const follow = async (): Promise<void> => {
    let pauseMs = FIRST_PAUSE_MS
    while (!stopping.signal.aborted) {
      const since = performance.now()
      await current.ended
      if (performance.now() - since > STEADY_MS) pauseMs = FIRST_PAUSE_MS
      await sleep(pauseMs, undefined, { ref: false, signal: stopping.signal })
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
      current = await start()
      if (stopping.signal.aborted) current.kill()
      else onGap()
    }
  }
  // What the pause rejects with when it is cut short; nothing else in there does.
  follow().catch(() => undefined)
  return () => {
    stopping.abort()
    current.kill()
  }
}
