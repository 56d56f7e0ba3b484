// The agent's clock and timers. Passed in, so that a test can simulate hours of two agents in a second
// (test/fixtures/).

import { readUptimeMs } from '../../kernel/proc.ts'

export interface Clock {
  /** Monotonic milliseconds. */
  readonly now: () => number
  /** Milliseconds since boot, including suspend (proc_uptime(5)). */
  readonly bootMs: () => number
  /** Calls `work` once, `ms` from now. @returns a function that cancels it */
  readonly after: (ms: number, work: () => void) => () => void
  /** Calls `work` every `ms`. @returns a function that ends it */
  readonly every: (ms: number, work: () => void) => () => void
  /** Calls `work` once all datagrams that are in the sockets now have been read. */
  readonly afterArrivals: (work: () => void) => void
}

/** The machine's clock. */
export const MACHINE_CLOCK: Clock = {
  now: () => performance.now(),
  bootMs: readUptimeMs,
  after: (ms, work) => {
    const timer = setTimeout(work, ms)
    return () => clearTimeout(timer)
  },
  every: (ms, work) => {
    const timer = setInterval(work, ms)
    return () => clearInterval(timer)
  },
  // Node reads sockets between two rounds of its loop, and the first of these may run before that.
  afterArrivals: (work) => setImmediate(() => setImmediate(work)),
}
