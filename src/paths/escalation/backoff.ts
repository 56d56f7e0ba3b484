// How long to wait before trying the direct path again after a fall or a failed attempt.

import type { Moment } from './moment.ts'
import type { EscalationOptions } from './options.ts'
import type { PeerPath, Reason } from './state.ts'

/** The result of a fall. Times are monotonic milliseconds. */
interface Penalty {
  readonly holdUntil: number
  readonly backoffMs: number
  readonly falls: readonly number[]
}

/**
 * Computes the hold-off after leaving P2P_ACTIVE.
 * @param peerHoldMs the hold-off that the peer announced, for a fall that the peer decided
 */
export function penaltyOf(path: PeerPath, reason: Reason, peerHoldMs: number, moment: Moment): Penalty {
  const { now, options, random } = moment
  const { backoff, minHoldMs } = options
  const falls = path.falls.filter((at) => now - at < backoff.flapWindowMs)
  const earlierMs = now - path.since >= backoff.resetMs ? 0 : path.backoffMs
  const pardoned = { backoffMs: earlierMs, falls }
  // The path was good, so it may be used again as soon as probes confirm it.
  if (reason === 'agent-stalled') return { holdUntil: now, ...pardoned }
  // The peer has counted the fall already. Both sides wait for the same moment.
  if (reason === 'peer-said') return { holdUntil: now + Math.max(minHoldMs, peerHoldMs), ...pardoned }
  if (PARDONED.includes(reason)) return { holdUntil: now + minHoldMs, ...pardoned }
  const counted = [...falls, now]
  const isFlapping = counted.length >= backoff.flaps
  // A Nebula restart says nothing about the path, so it does not lengthen the next wait unless restarts are
  // frequent.
  const isRestart = reason === 'link-gone' || reason === 'nebula-restarted'
  const grownMs =
    earlierMs === 0 || isRestart ? Math.max(earlierMs, backoff.firstMs) : earlierMs * backoff.times
  const backoffMs = Math.min(backoff.mostMs, Math.max(grownMs, isFlapping ? backoff.flapMs : 0))
  const holdMs = isRestart && !isFlapping ? backoff.firstMs : backoffMs
  const jitteredMs = Math.min(backoff.mostMs, holdMs * (1 + backoff.jitter * (2 * random() - 1)))
  return { holdUntil: now + Math.max(minHoldMs, jitteredMs), backoffMs, falls: counted }
}

// These reasons say nothing about the path.
const PARDONED: readonly Reason[] = ['peer-agent-gone', 'agent-stop', 'certificate']

/** Returns the wait in milliseconds after `timeouts` attempts in a row have timed out. */
export function attemptHoldMs(
  timeouts: number,
  { minHoldMs, attemptHoldMs: mostMs }: EscalationOptions,
): number {
  return Math.max(minHoldMs, Math.min(mostMs, minHoldMs * 2 ** (timeouts - 1)))
}
