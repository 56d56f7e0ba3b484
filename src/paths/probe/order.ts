// Decides which of a peer's messages are new, because an eavesdropper can replay an authentic datagram. An
// answer proves its freshness by our nonce. Probes and notices are accepted once, and only from the run of
// the peer's agent that has answered us.

// RFC 4303, section 3.4.3. The two paths differ by fewer messages than this.
const WINDOW = 64
// An answer from an earlier run may still be in flight on the slower path.
const PAST_SESSIONS = 8

/** What is known about one peer's numbering. Changes as messages arrive. */
export interface NoticeOrder {
  /** The current run of the peer's agent; undefined before its first answer. */
  session: string | undefined
  /** Earlier runs, so that their late answers do not reactivate them. */
  readonly past: string[]
  highest: number
  /** The numbers seen, each at its value modulo 64. Numbers start at 1. */
  readonly seen: Uint32Array
}

/** Returns the state for a peer that has not sent anything yet. */
export function newOrder(): NoticeOrder {
  return { session: undefined, past: [], highest: 0, seen: new Uint32Array(WINDOW) }
}

/**
 * Learns the session from an answer to one of our outstanding nonces, which cannot be a replay. `new`: the
 * peer's agent has restarted, and its numbers and epochs start over. `past`: a late answer from an earlier
 * run, whose word says nothing about the current one.
 */
export function learn(order: NoticeOrder, session: string): 'new' | 'same' | 'past' {
  if (session === order.session) return 'same'
  if (order.past.includes(session)) return 'past'
  if (order.session !== undefined) order.past.push(order.session)
  if (order.past.length > PAST_SESSIONS) order.past.shift()
  order.session = session
  order.highest = 0
  order.seen.fill(0)
  return 'new'
}

/**
 * Returns whether to accept an authentic probe or notice. `seen`: it arrived before, or is too old to tell.
 * `foreign`: it comes from a run that has not answered us, so it may be a replay.
 */
export function accept(order: NoticeOrder, session: string, sequence: number): 'new' | 'seen' | 'foreign' {
  if (session !== order.session) return 'foreign'
  const slot = sequence % WINDOW
  if (sequence + WINDOW <= order.highest || order.seen[slot] === sequence) return 'seen'
  order.seen[slot] = sequence
  order.highest = Math.max(order.highest, sequence)
  return 'new'
}
