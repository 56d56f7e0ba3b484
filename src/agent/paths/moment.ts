// Moments that the agent remembers and reports as a time of day. If the clock is set afterwards, they are
// converted to its new time, so that their age stays right.

import { readUptimeMs } from '../../kernel/proc.ts'

/** A moment on both clocks: the time of day, and the milliseconds since boot, which cannot be set. */
export interface Moment {
  readonly at: Date
  readonly bootMs: number
}

// The two clocks drift apart by less, so a moment is not reported differently each time.
const SLIP_MS = 2000

/** Returns the present moment. */
export function momentNow(): Moment {
  return { at: new Date(), bootMs: readUptimeMs() }
}

/** Returns the time of day of an earlier moment, on the clock as it is set at `now`. */
export function timeOf(moment: Moment, now: Moment): Date {
  const atMs = now.at.getTime() - (now.bootMs - moment.bootMs)
  return Math.abs(atMs - moment.at.getTime()) < SLIP_MS ? moment.at : new Date(atMs)
}
