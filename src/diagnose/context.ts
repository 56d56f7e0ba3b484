// The gatherers' interface and the context they receive.

import type { Facts } from '../check/facts.ts'

/** Milliseconds of own time (src/exec/deadline.ts) for gathering everything. */
export const GATHER_LIMIT_MS = 10_000

/** The share of the time limit that one query may use, so that later queries get theirs. */
export const QUESTION_PART = 0.5

/** A peer by its name and by its overlay address, which is unique. */
export interface AskedPeer {
  readonly name: string
  readonly address: string
}

export interface GatherContext {
  /** Unix time in seconds. */
  readonly now: number
  readonly settingsFile: string
  /** The hosts to ask for their view. */
  readonly askPeers: readonly AskedPeer[]
  /** Milliseconds of own time for all of it; one query may take {@link QUESTION_PART} of it. */
  readonly limitMs: number
  /** Records what did not arrive in time, where the rest of the member is useful without it. */
  readonly missed: (what: string) => void
  /** Returns another member, which is gathered once for all who ask. Rejects when it is unavailable. */
  readonly get: <Member extends keyof Facts>(member: Member) => Promise<Facts[Member]>
}

/** Examines the host and changes nothing. Its error becomes the reason why items are skipped. */
export type Gatherer<Member extends keyof Facts> = (
  context: GatherContext,
) => Promise<Facts[Member]> | Facts[Member]
