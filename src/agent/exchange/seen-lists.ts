// What the lists of other hosts looked like when last examined, so that an unchanged one is neither sent nor
// examined again.

import type { Theirs } from './statements.ts'
import type { ExchangeView } from './view.ts'

interface SeenList {
  /** Undefined to examine the whole list again. */
  readonly etag: string | undefined
  /** Fingerprint of this host's certificate in the list. */
  readonly ours: string | undefined
  /** The statements that the host has. */
  readonly statements: Theirs
}

export interface SeenLists {
  /** Returns the lists by the host's overlay address. What is put in after a change of the view is lost. */
  readonly current: () => Map<string, SeenList>
  readonly forget: () => void
}

// A clock disciplined by a time server drifts far less between two rounds.
const JUMP_MS = 60_000

/**
 * Remembers lists until certificates are verified differently: with another CA, blocklist, own certificate or
 * time of day, refused certificates may be accepted, and the lists still contain them.
 */
export function makeSeenLists(view: () => ExchangeView, nowMs: () => number): SeenLists {
  const offsetMs = (): number => nowMs() - performance.now()
  let lists = new Map<string, SeenList>()
  let verifiedWith: readonly unknown[] = []
  let clockOffsetMs = offsetMs()
  return {
    current: () => {
      const { settings, identity, blocklist } = view()
      const verifying = [settings, identity, blocklist]
      const offset = offsetMs()
      const hasJumped = Math.abs(offset - clockOffsetMs) > JUMP_MS
      if (hasJumped || verifying.some((each, index) => each !== verifiedWith[index])) lists = new Map()
      verifiedWith = verifying
      clockOffsetMs = offset
      return lists
    },
    forget: () => lists.clear(),
  }
}
