// Keeps a program running alongside the agent: starts it again whenever it ends, after pauses that grow.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Background } from './start.ts'

/** The program, and what to do when it starts and ends. */
interface Keeping {
  readonly start: () => Promise<Pick<Background, 'ended'>>
  /** Ends the program that runs now. */
  readonly end: () => void
  readonly firstPauseMs: number
  /** Called when it has ended by itself. */
  readonly onEnd?: () => void
  /** Called when it has been started again. */
  readonly onRestart?: () => void
}

// Soon, but never in a tight loop.
const LONGEST_PAUSE_MS = 5000
const STEADY_MS = 10_000

/** Starts the program and resolves once it runs. @returns a function that ends it for good */
export async function keepRunning(keeping: Keeping): Promise<() => void> {
  const { start, end, firstPauseMs, onEnd, onRestart } = keeping
  const stopping = new AbortController()
  const follow = async (first: Pick<Background, 'ended'>): Promise<void> => {
    let pauseMs = firstPauseMs
    for (let current = first; ; current = await start()) {
      if (stopping.signal.aborted) return end()
      if (current !== first) onRestart?.()
      const since = performance.now()
      await current.ended
      if (stopping.signal.aborted) return
      onEnd?.()
      if (performance.now() - since > STEADY_MS) pauseMs = firstPauseMs
      await sleep(pauseMs, undefined, { ref: false, signal: stopping.signal })
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
    }
  }
  // Only an interrupted pause rejects here.
  follow(await start()).catch(() => undefined)
  return () => {
    stopping.abort()
    end()
  }
}
