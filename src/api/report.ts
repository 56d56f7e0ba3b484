// GET /v1/report on an agent's overlay address (and on its gateway probe's, for peers only): what a host says of itself to
// another one, so that two views of one path can be laid side by side. Nothing in it is secret; nothing in it is believed
// beyond being shown. GET /v1/peer-report?peer=NAME of the local API fetches one.

import type { PathView } from './views.ts'

/** Version 1; fields are only ever added. */
export interface HostReport {
  readonly version: 1
  readonly name: string
  readonly agent: { readonly version: string; readonly commit: string }
  /** The host's clock when it answered, Unix milliseconds. */
  readonly clockMs: number
  readonly certificate: { readonly fingerprint: string; readonly notAfter: string }
  /** Fingerprints of the CAs that it believes in, sorted. */
  readonly cas: readonly string[]
  readonly subnets: readonly string[]
  readonly nebulaDev: string | null
  readonly mtuBytes: number
  /** Its view of the path to whoever asks; null: it does not know the asking host. */
  readonly path: PathView | null
  /** Whose certificates it refuses, with the reason. */
  readonly refusedPeers: readonly { readonly peer: string; readonly reason: string }[]
}

/** What the local agent answers. */
export interface PeerReport {
  readonly version: 1
  /** By which path the question went: the one that answered. */
  readonly by: 'tunnel' | 'gateway'
  readonly report: HostReport
  /** How much the peer's clock is ahead of ours, milliseconds, give or take half the round trip. */
  readonly clockAheadMs: number
  readonly roundTripMs: number
  /** Our own view of the path, taken at the same time. */
  readonly path: PathView
}
