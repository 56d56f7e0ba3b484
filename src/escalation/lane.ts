// What one lane's figures say by themselves: how long it has been silent, and whether it lives.

import type { EscalationOptions } from './options.ts'
import type { LaneReading } from './state.ts'

// A path that carries nothing at the moment is given more time: BFD's usual detection multiplier (RFC 5880, 6.8.4).
const SILENT_INTERVALS = 3

/** Milliseconds since the last answer; what lies before `countFrom` is not held against the lane. */
export function silenceMs(lane: LaneReading, countFrom: number, now: number): number {
  return now - Math.max(lane.repliedAt, countFrom)
}

/** Whether a lane that carries no traffic has to be taken for dead. */
export function isSilent(
  lane: LaneReading,
  countFrom: number,
  now: number,
  options: EscalationOptions,
): boolean {
  // The interval may just have become shorter: two misses make sure that probes have really gone unanswered.
  const wasAsked = lane.missedInRow >= 2 || lane.repliedAt === -Infinity
  const most = Math.max(SILENT_INTERVALS * lane.intervalMs, options.silenceMs)
  return wasAsked && silenceMs(lane, countFrom, now) > most
}

/** Whether an answer came so lately that the lane can be called alive. */
export function isAnswering(lane: LaneReading, now: number, options: EscalationOptions): boolean {
  return now - lane.repliedAt <= Math.max(options.silenceIntervals * lane.intervalMs, options.silenceMs)
}

/** The longest round trip that P2P may have beside this gateway lane, milliseconds. */
export function mostRttMs(gateway: LaneReading, { latency }: EscalationOptions): number {
  return Math.max(latency.mostMs, latency.times * (gateway.rttMs ?? 0))
}

/** Milliseconds as people read them. */
export function ms(value: number): string {
  return `${String(Math.round(value))} ms`
}
