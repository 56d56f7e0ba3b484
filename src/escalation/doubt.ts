// When the P2P path that carries traffic is doubted, and when it counts as dead. A doubt makes a burst, so that also
// a path that was probed slowly is judged by several probes within a moment.

import { silenceMs } from './lane.ts'
import type { EscalationOptions } from './options.ts'
import type { LaneReading, PeerPath } from './state.ts'

/** Since when an answer is overdue: kept while no answer came, undefined when there is no doubt. */
export function doubtSince(
  { doubtAt, countFrom }: PeerPath,
  p2p: LaneReading,
  now: number,
  options: EscalationOptions,
): number | undefined {
  if (doubtAt !== undefined && p2p.repliedAt <= doubtAt) return doubtAt
  const isOverdue = silenceMs(p2p, countFrom, now) > options.silenceIntervals * p2p.intervalMs
  // Slow probes: waiting for a second miss would take seconds.
  const isMissed = p2p.intervalMs > options.silenceMs / 2 && p2p.missedInRow > 0
  return isOverdue || (isMissed && silenceMs(p2p, countFrom, now) > options.silenceMs) ? now : undefined
}

/** When the silence that lasts since `doubtAt` makes the P2P path dead, monotonic milliseconds. */
export function deadAt(path: PeerPath, p2p: LaneReading, options: EscalationOptions): number {
  if (path.doubtAt === undefined) return Infinity
  const lastSign = Math.max(p2p.repliedAt, path.countFrom)
  // The burst needs time to go and to be answered.
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
// Both agents may have been restarted together: the other one needs a moment to load and to listen.
const ADOPTED_TIMES = 3

function isAdoptedUnheard({ reason, since }: PeerPath, { repliedAt }: LaneReading): boolean {
  return reason === 'adopted' && repliedAt < since
}
