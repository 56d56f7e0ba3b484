// How long a lane may be quiet before that says something: it depends on how often the host asks there.

import type { ProbePace } from '../config/agent-settings.ts'

/** The lanes as the agent's views call them. */
export type LaneName = 'p2p' | 'tunnel' | 'gateway'

// Two answers may be lost without anything being wrong.
const MISSED = 3
// However often hosts ask: what is settled faster than somebody can look is no finding.
const LEAST_MS = 15_000

/** Milliseconds without a sign after which a lane counts as silent. */
export function silentAfterMs(pace: ProbePace, lane: LaneName): number {
  const slowest = { p2p: Math.max(pace.idleMs, pace.fastMs), tunnel: pace.tunnelMs, gateway: pace.gatewayMs }
  return Math.max(LEAST_MS, MISSED * slowest[lane] * (1 + pace.jitter))
}
