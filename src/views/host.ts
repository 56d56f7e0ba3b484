// GET /v1/report on an agent's overlay address (and, for peers only, on its gateway probe address): what a
// host tells another about itself, so that two views of one path can be compared. It contains no
// secrets, and it is only displayed, never trusted. GET /v1/peer-report?peer=NAME on the local API fetches
// one.

import type { PathView } from './paths.ts'

/** Version 1. Fields are only ever added. */
export interface HostView {
  readonly version: 1
  readonly name: string
  readonly agent: { readonly version: string; readonly commit: string }
  /** The host's clock when it answered, in Unix milliseconds. */
  readonly clockMs: number
  readonly certificate: { readonly fingerprint: string; readonly notAfter: string }
  /** Fingerprints of the CAs that it trusts, sorted. */
  readonly cas: readonly string[]
  readonly subnets: readonly string[]
  readonly nebulaDev: string | null
  readonly mtuBytes: number
  /** Its view of the path to the asking host; null if it does not know that host. */
  readonly path: PathView | null
  /** The peers whose certificates it refuses, with the reason. */
  readonly refusedPeers: readonly { readonly peer: string; readonly reason: string }[]
}

/** The answer of the local agent. */
export interface PeerView {
  readonly version: 1
  /** The path that carried the question, which is the one that answered. */
  readonly by: 'tunnel' | 'gateway'
  readonly report: HostView
  /** How far the peer's clock is ahead of ours in milliseconds, within half the round trip. */
  readonly clockAheadMs: number
  readonly roundTripMs: number
  /** Our own view of the path, taken at the same time. */
  readonly path: PathView
}
