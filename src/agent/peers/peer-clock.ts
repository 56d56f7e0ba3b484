// Determines how far another host's clock is ahead of ours, from the Date header of its answers (RFC
// 9110, section 6.6.1). The offset is relative to the monotonic clock, so correcting our wall clock does
// not invalidate it.

import type { AgentPeer } from './peer.ts'

// The header has whole seconds, rounded down. When a slow answer was written is unknown.
const HALF_SECOND_MS = 500
const SLOW_MS = 2000

/**
 * Returns the milliseconds by which a clock is ahead, accurate to two seconds; undefined if that cannot be
 * told.
 * @param date the header
 * @param nowMs our Unix time when the answer came
 * @param elapsedMs time since the request
 */
export function clockAhead(date: string | undefined, nowMs: number, elapsedMs: number): number | undefined {
  const theirs = Date.parse(date ?? '')
  if (Number.isNaN(theirs) || elapsedMs > SLOW_MS) return undefined
  return theirs + HALF_SECOND_MS - (nowMs - elapsedMs / 2)
}

/** Remembers the reading. */
export function noteClock(peer: AgentPeer, aheadMs: number): void {
  const readAt = performance.now()
  peer.wallClock = { sinceSteadyMs: aheadMs + Date.now() - readAt, readAt }
}

/** Returns the reading as the API shows it; nulls for a peer that was not asked. */
export function clockView({ wallClock }: AgentPeer): {
  readonly clockAheadMs: number | null
  readonly clockReadAgoMs: number | null
} {
  if (wallClock === undefined) return { clockAheadMs: null, clockReadAgoMs: null }
  const now = performance.now()
  return {
    clockAheadMs: Math.round(wallClock.sinceSteadyMs + now - Date.now()),
    clockReadAgoMs: Math.round(now - wallClock.readAt),
  }
}
