// How long P2P is not tried again after a fall or a fruitless attempt.

import type { EscalationOptions } from './options.ts'
import type { PeerPath, Reason } from './state.ts'

/** What a fall leaves behind. Times are monotonic milliseconds. */
export interface Penalty {
  readonly holdUntil: number
  readonly backoffMs: number
  readonly falls: readonly number[]
}

/**
 * The hold-off after leaving P2P_ACTIVE.
 * @param peerHoldMs what the peer said, for a fall that it decided
 */
export function penaltyOf(
  path: PeerPath,
  reason: Reason,
  peerHoldMs: number,
  now: number,
  options: EscalationOptions,
  random: () => number,
): Penalty {
  const { backoff, minHoldMs } = options
  const falls = path.falls.filter((at) => now - at < backoff.flapWindowMs)
  const earlierMs = now - path.since >= backoff.resetMs ? 0 : path.backoffMs
  const pardoned = { backoffMs: earlierMs, falls }
  // The path was good: it is taken again as soon as it has proved itself.
  if (reason === 'agent-stalled') return { holdUntil: now, ...pardoned }
  // The peer has counted the fall; both wait for the same moment.
  if (reason === 'peer-said') return { holdUntil: now + Math.max(minHoldMs, peerHoldMs), ...pardoned }
  if (PARDONED.includes(reason)) return { holdUntil: now + minHoldMs, ...pardoned }
  const counted = [...falls, now]
  const isFlapping = counted.length >= backoff.flaps
  // A restart of Nebula says nothing about the path: it does not make the next wait longer, unless there are many.
  const isRestart = reason === 'link-gone' || reason === 'nebula-restarted'
  const grownMs =
    earlierMs === 0 || isRestart ? Math.max(earlierMs, backoff.firstMs) : earlierMs * backoff.times
  const backoffMs = Math.min(backoff.mostMs, Math.max(grownMs, isFlapping ? backoff.flapMs : 0))
  const holdMs = isRestart && !isFlapping ? backoff.firstMs : backoffMs
  const jitteredMs = Math.min(backoff.mostMs, holdMs * (1 + backoff.jitter * (2 * random() - 1)))
  return { holdUntil: now + Math.max(minHoldMs, jitteredMs), backoffMs, falls: counted }
}

// None of these says anything about the path.
const PARDONED: readonly Reason[] = ['peer-agent-gone', 'agent-stop', 'certificate']

/** The wait in milliseconds after the attempt number `timeouts` in a row that ran out of time. */
export function attemptHoldMs(
  timeouts: number,
  { minHoldMs, attemptHoldMs: mostMs }: EscalationOptions,
): number {
  return Math.max(minHoldMs, Math.min(mostMs, minHoldMs * 2 ** (timeouts - 1)))
}
