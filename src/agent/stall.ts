// Notices that this process, or the whole machine, stood still. What was not answered meanwhile is nobody's fault but ours.

/** What happened between two looks. */
export type Stall = 'none' | 'short' | 'long'

/** One look: monotonic milliseconds, and milliseconds since boot, which go on while the machine sleeps (proc_uptime(5)). */
export interface ClockLook {
  readonly monotonicMs: number
  readonly bootMs: number
}

// A timer that is later than a lost probe would take says more about us than about the network.
const SHORT_MS = 200
// The route guard takes the P2P routes after three rounds of 0.4 s without a sign of life, the first of which may have been
// over when we stopped, and a timer is late only from when it was due: from here on somebody has to look.
const LONG_MS = 500

/**
 * @param expectedMs how long it should have been
 * @returns `long`: so long that the P2P routes may be gone
 */
export function stallBetween(before: ClockLook, after: ClockLook, expectedMs: number): Stall {
  const lateMs = after.monotonicMs - before.monotonicMs - expectedMs
  // /proc/uptime counts hundredths; suspend(2) stops the monotonic clock only.
  const asleepMs = after.bootMs - before.bootMs - (after.monotonicMs - before.monotonicMs)
  const worst = Math.max(lateMs, asleepMs)
  return worst >= LONG_MS ? 'long' : worst >= SHORT_MS ? 'short' : 'none'
}
