// When to doubt the active direct path, and when to declare it dead. A doubt triggers a burst, so even a path
// that was probed slowly is judged by several probes within a moment.

import type { Moment } from './moment.ts'
import { silenceMs } from './lane.ts'
import type { EscalationOptions } from './options.ts'
import type { LaneReading, PeerPath } from './state.ts'

/**
 * Returns since when an answer has been overdue. Keeps the earlier time while no answer arrives. Returns
 * undefined if there is no doubt.
 */
export function doubtSince(
  { doubtAt, countFrom }: PeerPath,
  p2p: LaneReading,
  { now, options }: Moment,
): number | undefined {
  if (doubtAt !== undefined && p2p.repliedAt <= doubtAt) return doubtAt
  const isOverdue = silenceMs(p2p, countFrom, now) > options.silenceIntervals * p2p.intervalMs
  // The path is probed slowly, so waiting for a second miss would take seconds.
  const isMissed = p2p.intervalMs > options.silenceMs / 2 && p2p.missedInRow > 0
  return isOverdue || (isMissed && silenceMs(p2p, countFrom, now) > options.silenceMs) ? now : undefined
}

/** Returns when the silence since `doubtAt` makes the direct path dead, in monotonic milliseconds. */
export function deadAt(path: PeerPath, p2p: LaneReading, options: EscalationOptions): number {
  if (path.doubtAt === undefined) return Infinity
  const lastSign = Math.max(p2p.repliedAt, path.countFrom)
  // Allow time for the burst to travel and to be answered.
  const burstMs = Math.max(
    (options.silenceMs * 3) / 8,
    Math.min((p2p.rttMs ?? 0) * BURST_RTTS, options.silenceMs),
  )
  const patienceUntil = isAdoptedUnheard(path, p2p)
    ? path.since + ADOPTED_TIMES * options.silenceMs
    : -Infinity
  return Math.max(lastSign + options.silenceMs, path.doubtAt + burstMs, patienceUntil)
}

const BURST_RTTS = 1.5
// Both agents may have restarted together, and the other one needs a moment to load and to listen.
const ADOPTED_TIMES = 3

function isAdoptedUnheard({ reason, since }: PeerPath, { repliedAt }: LaneReading): boolean {
  return reason === 'adopted' && repliedAt < since
}
