// What the agent tells over its local API, as JSON: version 1 of it. Fields are only ever added.

import type { Phase, Reason } from '../escalation/state.ts'

/** Times are ISO 8601 in UTC; durations milliseconds; loss a part from 0 to 1. */
export interface LaneView {
  /** Milliseconds since the last answer; null: never. */
  readonly repliedAgoMs: number | null
  /** Milliseconds since the peer's own last probe; null: never. */
  readonly heardAgoMs: number | null
  readonly rttMs: number | null
  readonly loss: number
  readonly sent: number
  readonly received: number
  /** Whether packets as large as the MTU pass; null: not known yet. */
  readonly bigPasses: boolean | null
  /** So many of those were lost one after another; left out by agents that do not say. */
  readonly bigMissedInRow?: number
}

/** One peer. */
export interface PathView {
  readonly name: string
  readonly overlay: readonly string[]
  readonly subnets: readonly string[]
  readonly fingerprint: string
  /** Where its certificate comes from: a file, or the host that passed it on. */
  readonly source: string
  readonly notAfter: string
  readonly phase: Phase
  readonly since: string
  readonly reason: Reason
  readonly detail: string
  readonly epoch: number
  /** When the P2P path may be tried again; null: nothing holds it back. */
  readonly holdUntil: string | null
  readonly p2p: LaneView
  readonly tunnel: LaneView
  readonly gateway: LaneView
  /** Which routes the kernel should have, and which it has. */
  readonly route: { readonly wanted: 'p2p' | 'gateway'; readonly installed: 'p2p' | 'gateway' | 'none' }
  /** Large packets: bytes that probes of each path carry. */
  readonly mtuBytes: number
  /** What the peer's agent last said of its side; null: nothing yet. */
  readonly peer: {
    readonly phase: Phase
    readonly ready: boolean
    readonly reason: Reason
    readonly epoch: number
  } | null
  /** Sentences about what is wrong right now; empty when nothing is. */
  readonly troubles: readonly string[]
  readonly transitions: number
  /** By how much its clock is ahead, give or take two seconds, and how long ago it was asked for its time; null: never. */
  readonly clockAheadMs?: number | null
  readonly clockReadAgoMs?: number | null
}

/** One change of phase. GET /v1/events sends one a line, as they happen. */
export interface TransitionView {
  readonly at: string
  readonly peer: string
  /** The peer's first overlay address, which no other host has; left out by agents that do not say, and in the history. */
  readonly overlay?: string
  readonly from: Phase
  readonly to: Phase
  readonly reason: Reason
  readonly detail: string
  readonly epoch: number
}

/** The host and its agent. */
export interface StatusView {
  readonly version: 1
  readonly agent: {
    readonly version: string
    readonly commit: string
    readonly pid: number
    readonly startedAt: string
  }
  readonly name: string
  readonly overlay: readonly string[]
  readonly subnets: readonly string[]
  readonly nebulaDev: string | null
  readonly peers: readonly PathView[]
  readonly refusedPeers: readonly { readonly peer: string; readonly reason: string }[]
  readonly lastError: string | null
}
