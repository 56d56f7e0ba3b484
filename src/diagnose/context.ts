// What a gatherer is given, and what it is.

import type { Facts } from '../check/facts.ts'

/** Milliseconds within which a member has to be gathered, the members it asks for included. */
export const GATHER_LIMIT_MS = 1500

/** A peer by its name and by its overlay address, which no other has. */
export interface AskedPeer {
  readonly name: string
  readonly address: string
}

export interface GatherContext {
  /** Unix time in seconds. */
  readonly now: number
  readonly settingsFile: string
  /** The hosts whose view is asked for. */
  readonly askPeers: readonly AskedPeer[]
  /** For programs that a gatherer runs: what is left then is of no use any more. */
  readonly limitMs: number
  /** Another member; gathered once, however many ask. Rejects when it cannot be had. */
  readonly get: <Member extends keyof Facts>(member: Member) => Promise<Facts[Member]>
}

/** Looks at the host and changes nothing. What it throws becomes the reason for which items are skipped. */
export type Gatherer<Member extends keyof Facts> = (
  context: GatherContext,
) => Promise<Facts[Member]> | Facts[Member]
