// The JSON of the agent's local API, version 1. Fields are only ever added.

import type { Phase, Reason } from '../paths/escalation/state.ts'
import type { RegistrySummary } from './registry.ts'

/** One lane. Times are ISO 8601 in UTC, durations are in milliseconds, loss is a fraction from 0 to 1. */
export interface LaneView {
  /** Milliseconds since the last answer; null if never. */
  readonly repliedAgoMs: number | null
  /** Milliseconds since the peer's own last probe; null if never. */
  readonly heardAgoMs: number | null
  readonly rttMs: number | null
  readonly loss: number
  readonly sent: number
  readonly received: number
  /** Whether packets as large as the MTU pass; null if not known yet. */
  readonly bigPasses: boolean | null
  /** How many of those were lost in a row. Absent from agents that do not report it. */
  readonly bigMissedInRow?: number
}

/** One peer. */
export interface PathView {
  readonly name: string
  readonly overlay: readonly string[]
  readonly subnets: readonly string[]
  readonly fingerprint: string
  /** The origin of its certificate: a file, or the host that passed it on. */
  readonly source: string
  readonly notAfter: string
  /** It is a gateway host: by its certificate, it forwards for all hosts. Absent for others. */
  readonly forwards?: true
  readonly phase: Phase
  readonly since: string
  readonly reason: Reason
  readonly detail: string
  readonly epoch: number
  /** When the direct path may be tried again; null if no hold-off applies. */
  readonly holdUntil: string | null
  readonly p2p: LaneView
  readonly tunnel: LaneView
  readonly gateway: LaneView
  /** The routes that the kernel should have, and those that it has. */
  readonly route: { readonly wanted: 'p2p' | 'gateway'; readonly installed: 'p2p' | 'gateway' | 'none' }
  /** The size of large probes on each path, in bytes. */
  readonly mtuBytes: number
  /** What the peer's agent last reported; null if nothing yet. */
  readonly peer: {
    readonly phase: Phase
    readonly ready: boolean
    readonly reason: Reason
    readonly epoch: number
  } | null
  /** Sentences about current problems; empty if there are none. */
  readonly troubles: readonly string[]
  readonly transitions: number
  /** How far the peer's clock is ahead, within two seconds, and how long ago it was asked; null if never. */
  readonly clockAheadMs?: number | null
  readonly clockReadAgoMs?: number | null
}

/** One phase change. GET /v1/events sends one per line as they happen. */
export interface TransitionView {
  readonly at: string
  readonly peer: string
  /**
   * The peer's first overlay address, which is unique to it. Absent from agents that do not report it, and in
   * the history.
   */
  readonly overlay?: string
  readonly from: Phase
  readonly to: Phase
  readonly reason: Reason
  readonly detail: string
  readonly epoch: number
}

/** An address on which the agent cannot open its port. It tries again every half minute, or sooner. */
export interface ClosedPort {
  /** UDP carries probes and notices; TCP serves metrics, certificates and reports. */
  readonly protocol: 'udp' | 'tcp'
  readonly address: string
  readonly port: number
  /** The system's words: "bind EADDRINUSE 10.86.1.1:4280". */
  readonly reason: string
}

/** Whom the agent asked for certificates in its last round. Addresses are overlay addresses. */
export interface LearningView {
  /** The TCP port on which they were asked. */
  readonly port: number
  readonly lighthouses: readonly string[]
  /** Other hosts ask this one. */
  readonly isLighthouse: boolean
  readonly answered: readonly string[]
  readonly silent: readonly { readonly overlay: string; readonly reason: string }[]
  /**
   * Rounds in a row in which no host answered. The first one often comes before the other
   * agents have started.
   */
  readonly silentRounds: number
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
  /** Absent from agents that do not report it, like the next one. */
  readonly closedPorts?: readonly ClosedPort[]
  /** Null until the first round has ended. */
  readonly learning?: LearningView | null
  /** The hosts whose containers are known. Absent from agents that do not report it. */
  readonly registry?: RegistrySummary
  /** The resolver of this host's containers. Absent from agents that do not report it. */
  readonly names?: {
    readonly domain: string
    /** The bridge addresses on which it cannot listen. */
    readonly closed: readonly { readonly address: string; readonly reason: string }[]
    /** Names that containers on several hosts have; the first host answers. */
    readonly clashes?: readonly { readonly name: string; readonly hosts: readonly string[] }[]
  }
}
