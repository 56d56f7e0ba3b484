// POST /v1/drill {peer, forMs}: the agent blocks the direct path to one peer on purpose, measures the effect
// on containers' packets, and unblocks it. The response is JSON lines, each an event sent as soon as it is
// known; the last one is `result` or `failed`. The block is an nft element with a timeout, so the kernel ends
// it even if the agent dies.

import type { TransitionView } from './paths.ts'

/** The longest block that a request may ask for, in milliseconds. */
export const DRILL_MOST_MS = 300_000
export const DRILL_LEAST_MS = 1000

export interface DrillRequest {
  /** Name, overlay address or an address in the subnet. */
  readonly peer: string
  /** How long to block the direct path, in milliseconds. */
  readonly forMs: number
}

export type DrillLine = DrillProgress | DrillResult | DrillFailure

/**
 * The stages in order: the drill's own probes start, the block is active, traffic flows again, the block is
 * removed, and traffic is back on the direct path.
 */
export type DrillStage = 'measuring' | 'blocked' | 'switched' | 'unblocked' | 'returned'

interface DrillProgress {
  readonly kind: 'progress'
  /** Milliseconds since the drill started. */
  readonly atMs: number
  readonly stage: DrillStage
  /** The drill's own packets so far. */
  readonly sent: number
  readonly lost: number
  /** One sentence for people. */
  readonly text: string
}

export interface DrillResult {
  readonly kind: 'result'
  readonly peer: string
  readonly startedAt: string
  readonly forMs: number
  /** The longest time without an answer during the block, in milliseconds. */
  readonly outageMs: number
  /** Time between two packets of the drill, and so the precision of `outageMs`. */
  readonly everyMs: number
  readonly sent: number
  readonly lost: number
  readonly transitions: readonly TransitionView[]
  /** Milliseconds from the end of the block to P2P_ACTIVE; null if the drill ended first. */
  readonly returnedAfterMs: number | null
  /** Packets lost during the return to the direct path. */
  readonly lostOnReturn: number
  /** What removed the block. */
  readonly restoredBy: 'agent' | 'timer'
}

interface DrillFailure {
  readonly kind: 'failed'
  readonly message: string
  readonly details: string
}
