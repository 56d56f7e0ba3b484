// What this host has been told of other hosts' containers. Pure: every change returns what became of it.
//
// A state is only ever taken from the host that it is about, and only if it is newer than what that host told
// last. The version outlives the containers, so a state that arrives late cannot bring back what was deleted.

import { compareVersions, type HostState, type StateVersion } from './host-state.ts'

/** One host in the book. */
interface HostRecord extends StateVersion {
  /** Undefined once its lease has lapsed. */
  readonly state: HostState | undefined
  /** Whether the host has told it in this run of the agent; otherwise it is from the disk. */
  readonly isConfirmed: boolean
}

/** The hosts by name of the peer: its first overlay address. */
export type Book = ReadonlyMap<string, HostRecord>

/** `taken`: it is in use now. `known`: it was already. `older`: it is refused. */
export type OfferOutcome = 'taken' | 'known' | 'older'

/** Offers what a host tells of itself. */
export function offer(
  book: Book,
  host: string,
  state: HostState,
): { readonly book: Book; readonly outcome: OfferOutcome } {
  const held = book.get(host)
  const order = held === undefined ? 1 : compareVersions(state, held)
  if (order < 0) return { book, outcome: 'older' }
  const isKnown = order === 0 && held?.state !== undefined
  if (isKnown && held.isConfirmed) return { book, outcome: 'known' }
  const { epoch, sequence } = state
  const record = { epoch, sequence, state: isKnown ? held.state : state, isConfirmed: true }
  return { book: new Map(book).set(host, record), outcome: isKnown ? 'known' : 'taken' }
}

/** Puts in what is left of an earlier run. What a host has told meanwhile is newer. */
export function restore(book: Book, host: string, state: HostState): Book {
  const held = book.get(host)
  if (held !== undefined && compareVersions(state, held) <= 0) return book
  const { epoch, sequence } = state
  return new Map(book).set(host, { epoch, sequence, state, isConfirmed: false })
}

/** Drops a host's containers and remembers their version. */
export function lapse(book: Book, host: string): Book {
  const held = book.get(host)
  if (held?.state === undefined) return book
  return new Map(book).set(host, { ...held, state: undefined })
}

/** Forgets hosts that have ceased to be peers. */
export function keepOnly(book: Book, hosts: ReadonlySet<string>): Book {
  return new Map([...book].filter(([host]) => hosts.has(host)))
}
