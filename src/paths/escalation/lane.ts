// What one lane's figures say on their own: how long it has been silent, and whether it is alive.

import type { Look } from './moment.ts'
import type { EscalationOptions } from './options.ts'
import type { LaneReading } from './state.ts'

/** An idle path gets more time: BFD's usual detection multiplier (RFC 5880, 6.8.4). */
export const SILENT_INTERVALS = 3

/** Returns the milliseconds since the last answer, counted from `countFrom` at the earliest. */
export function silenceMs(lane: LaneReading, countFrom: number, now: number): number {
  return now - Math.max(lane.repliedAt, countFrom)
}

/** Returns whether a lane without traffic counts as dead. */
export function isSilent(lane: LaneReading, countFrom: number, { now, options }: Look): boolean {
  // The interval may just have become shorter. Two misses make sure that probes really went unanswered.
  const wasAsked = lane.missedInRow >= 2 || lane.repliedAt === -Infinity
  const most = Math.max(SILENT_INTERVALS * lane.intervalMs, options.silenceMs)
  return wasAsked && silenceMs(lane, countFrom, now) > most
}

/** Returns whether the last answer is recent enough to call the lane alive. */
export function isAnswering(lane: LaneReading, { now, options }: Look): boolean {
  return now - lane.repliedAt <= Math.max(options.silenceIntervals * lane.intervalMs, options.silenceMs)
}

/** Returns the longest round trip allowed on the direct path given this gateway lane, in milliseconds. */
export function mostRttMs(gateway: LaneReading, { latency }: EscalationOptions): number {
  return Math.max(latency.mostMs, latency.times * (gateway.rttMs ?? 0))
}

/** Formats milliseconds for people. */
export function ms(value: number): string {
  return `${String(Math.round(value))} ms`
}
