// Detects that this process or the whole machine stalled. Probes that went unanswered meanwhile are not
// the peer's fault.

/** What happened between two looks. */
export type Stall = 'none' | 'short' | 'long'

/** One look: monotonic milliseconds, and milliseconds since boot, which include suspend (proc_uptime(5)). */
export interface ClockLook {
  readonly monotonicMs: number
  readonly bootMs: number
}

// A timer that is later than the time of a lost probe says more about this process than about the network.
const SHORT_MS = 200
// The route guard removes the direct routes after three rounds of 0.4 s without a heartbeat. The first round
// may have been nearly over when we stalled, and a timer is late only from when it was due. So from this
// length on, the routes must be checked.
const LONG_MS = 500

/**
 * Returns what happened between two looks.
 * @param expectedMs how far apart they should have been
 * @returns `long` if the direct routes may have been removed
 */
export function stallBetween(before: ClockLook, after: ClockLook, expectedMs: number): Stall {
  const lateMs = after.monotonicMs - before.monotonicMs - expectedMs
  // /proc/uptime has hundredths of a second. suspend(2) stops only the monotonic clock.
  const asleepMs = after.bootMs - before.bootMs - (after.monotonicMs - before.monotonicMs)
  const worst = Math.max(lateMs, asleepMs)
  return worst >= LONG_MS ? 'long' : worst >= SHORT_MS ? 'short' : 'none'
}
