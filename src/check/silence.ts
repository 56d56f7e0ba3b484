// How long a lane may be silent before that means something. It depends on how often the host probes the
// lane.

import type { ProbePace } from '../config/agent-settings.ts'

/** The lanes as the agent's views name them. */
export type LaneName = 'p2p' | 'tunnel' | 'gateway'

// Two lost answers are normal.
const MISSED = 3
// A lower bound for fast probing: an outage that ends before anyone could look is not worth a finding.
const LEAST_MS = 15_000

/** Returns the milliseconds without an answer after which a lane counts as silent. */
export function silentAfterMs(pace: ProbePace, lane: LaneName): number {
  const slowest = { p2p: Math.max(pace.idleMs, pace.fastMs), tunnel: pace.tunnelMs, gateway: pace.gatewayMs }
  return Math.max(LEAST_MS, MISSED * slowest[lane] * (1 + pace.jitter))
}
