// How far another host's clock is ahead of ours, from the Date header of what it answers (RFC 9110, section 6.6.1). Kept
// against the steady clock, so that it is right again at once when ours is put right.

import type { AgentPeer } from './peer.ts'

/** What a peer's clock showed, and when. */
export interface PeerClock {
  /** Its Unix time minus our steady clock, milliseconds. */
  readonly sinceSteadyMs: number
  /** By our steady clock. */
  readonly readAt: number
}

// The header has whole seconds, cut off; and of a slow answer nobody knows when it was written.
const HALF_SECOND_MS = 500
const SLOW_MS = 2000

/**
 * Milliseconds by which a clock is ahead, two seconds more or less at worst; undefined where that cannot be told.
 * @param date the header @param nowMs our Unix time when the answer came @param elapsedMs since it was asked
 */
export function clockAhead(date: string | undefined, nowMs: number, elapsedMs: number): number | undefined {
  const theirs = Date.parse(date ?? '')
  if (Number.isNaN(theirs) || elapsedMs > SLOW_MS) return undefined
  return theirs + HALF_SECOND_MS - (nowMs - elapsedMs / 2)
}

/** Remembers it. */
export function noteClock(peer: AgentPeer, aheadMs: number): void {
  const readAt = performance.now()
  peer.wallClock = { sinceSteadyMs: aheadMs + Date.now() - readAt, readAt }
}

/** What the API shows of it; nothing for a peer that was not asked. */
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
