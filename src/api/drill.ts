// POST /v1/drill {peer, forMs}: the agent blocks one peer's P2P path on purpose, measures what containers' packets meet
// meanwhile, and lets go. The answer is JSON lines, each one of these as soon as it is known; the last is `result`, or
// `failed`. The block is an nft element with a timeout: the kernel ends it whatever becomes of the agent.

import type { TransitionView } from './views.ts'

/** The longest block that can be asked for, in milliseconds. */
export const DRILL_MOST_MS = 300_000
export const DRILL_LEAST_MS = 1000

export interface DrillRequest {
  /** Name, overlay address or an address of the subnet. */
  readonly peer: string
  /** How long the P2P path is blocked, milliseconds. */
  readonly forMs: number
}

export type DrillLine = DrillProgress | DrillResult | DrillFailure

/** The stages in their order: probes of the drill's own begin, the block stands, traffic flows again, the block is off. */
export type DrillStage = 'measuring' | 'blocked' | 'switched' | 'unblocked' | 'returned'

export interface DrillProgress {
  readonly kind: 'progress'
  /** Milliseconds since the drill began. */
  readonly atMs: number
  readonly stage: DrillStage
  /** Packets of the drill's own so far. */
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
  /** Longest time without an answer while the block stood, milliseconds. */
  readonly outageMs: number
  /** Time between two packets of the drill, which is how exact `outageMs` is. */
  readonly everyMs: number
  readonly sent: number
  readonly lost: number
  readonly transitions: readonly TransitionView[]
  /** Milliseconds from the end of the block to P2P_ACTIVE; null: not within the time that the drill waits. */
  readonly returnedAfterMs: number | null
  /** Packets lost on the way back. */
  readonly lostOnReturn: number
  /** Who took the block away. */
  readonly restoredBy: 'agent' | 'timer'
}

export interface DrillFailure {
  readonly kind: 'failed'
  readonly message: string
  readonly details: string
}
