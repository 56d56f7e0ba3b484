// How long a lane may be silent before that means something. It depends on how often the host probes the
// lane.

import type { ProbePace } from '../config/agent-settings.ts'
import type { PathView } from '../views/paths.ts'

/** The lanes as the agent's views name them. */
export type LaneName = (typeof LANES)[number]

const LANES = ['p2p', 'tunnel', 'gateway'] as const

// Two lost answers are normal.
const MISSED = 3
// A lower bound for fast probing: an outage that ends before anyone could look is not worth a finding.
const LEAST_MS = 15_000

/**
 * Tells whether the peer has answered on another lane after this one had become silent. If not, the lane may
 * be silent because the whole host is.
 */
export function isAloneSilent(peer: Pick<PathView, LaneName>, lane: LaneName, pace: ProbePace): boolean {
  const silentMs = peer[lane].repliedAgoMs ?? Infinity
  const deadMs = silentAfterMs(pace, lane)
  return LANES.some((other) => {
    const agoMs = peer[other].repliedAgoMs ?? Infinity
    return other !== lane && agoMs < silentAfterMs(pace, other) && silentMs - agoMs > deadMs
  })
}

/** Returns the milliseconds without an answer after which a lane counts as silent. */
export function silentAfterMs(pace: ProbePace, lane: LaneName): number {
  const slowest = { p2p: Math.max(pace.idleMs, pace.fastMs), tunnel: pace.tunnelMs, gateway: pace.gatewayMs }
  return Math.max(LEAST_MS, MISSED * slowest[lane] * (1 + pace.jitter))
}
