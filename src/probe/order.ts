// Which of a peer's messages are new. Whoever listened can send an authentic datagram again: an answer proves itself by
// our nonce, everything else (probes and notices) is taken once, and only from the run of the peer's agent that has
// answered us.

// RFC 4303, section 3.4.3: the two paths differ by less than so many messages.
const WINDOW = 64
// An answer of an earlier run can still be under way on the slower path.
const PAST_SESSIONS = 8

/** What is known of one peer's numbering. Changes as messages come. */
export interface NoticeOrder {
  /** The present run of the peer's agent; undefined before its first answer. */
  session: string | undefined
  /** Earlier runs: their late answers do not bring them back. */
  readonly past: string[]
  highest: number
  /** The numbers seen, each at its remainder by 64. Numbers are counted from 1. */
  readonly seen: Uint32Array
}

/** For a peer that has said nothing yet. */
export function newOrder(): NoticeOrder {
  return { session: undefined, past: [], highest: 0, seen: new Uint32Array(WINDOW) }
}

/**
 * Takes the session out of an answer to one of our own outstanding nonces, which nobody can have recorded. `new`: the
 * peer's agent is another run than before, its numbers and epochs start anew. `past`: a late answer of an earlier run,
 * whose word says nothing about the present one.
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
 * Whether an authentic probe or notice is taken. `seen`: it came before, or is so old that nobody can tell. `foreign`:
 * of a run that has not answered us, so it may have been recorded.
 */
export function accept(order: NoticeOrder, session: string, sequence: number): 'new' | 'seen' | 'foreign' {
  if (session !== order.session) return 'foreign'
  const slot = sequence % WINDOW
  if (sequence + WINDOW <= order.highest || order.seen[slot] === sequence) return 'seen'
  order.seen[slot] = sequence
  order.highest = Math.max(order.highest, sequence)
  return 'new'
}
