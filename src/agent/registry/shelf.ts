// The book of other hosts' containers with its copy on disk.

import type { Prefix } from '../../addr/prefix.ts'
import { type Book, keepOnly, lapse, offer, type OfferOutcome, restore } from '../../registry/book.ts'
import { type HostState, parseState, renderState } from '../../registry/host-state.ts'
import { hostsOnDisk, readHostText, removeHostText, writeHostText } from '../../state/agent/registry-files.ts'
import { throttle } from '../upkeep/throttle.ts'
import { attempt, type Complain } from './complaints.ts'

export interface Shelf {
  readonly book: () => Book
  readonly offer: (host: string, state: HostState) => OfferOutcome
  /** Takes what an earlier run has left of a host, if it is still acceptable. */
  readonly restore: (host: string, subnets: readonly Prefix[]) => void
  readonly lapse: (host: string) => void
  /** Forgets all hosts but these, on disk too. */
  readonly keepOnly: (hosts: ReadonlySet<string>) => void
  /** Writes what is not written yet. */
  readonly flush: () => void
  /** Why it cannot be written; undefined if it can. */
  readonly problem: () => string | undefined
}

// A single change is written immediately, safe from kill -9. A host that starts fifty containers is written
// once a second.
const WRITE_MS = 1000

/** @param onChange called after the containers of a host have changed */
export function openShelf(dataDir: string, complain: Complain, onChange: () => void): Shelf {
  let book: Book = new Map()
  let problem: string | undefined
  const unwritten = new Set<string>()

  const write = (host: string): void => {
    const state = book.get(host)?.state
    if (state === undefined) removeHostText(dataDir, host)
    else writeHostText(dataDir, host, renderState(state))
  }
  const flush = (): void => {
    for (const host of unwritten) {
      problem = attempt(complain, 'registry not written', () => write(host))
      // What cannot be written now is tried again with the next change.
      if (problem !== undefined) return
      unwritten.delete(host)
    }
  }
  const soon = throttle(WRITE_MS, flush)
  const put = (next: Book, host: string): void => {
    book = next
    unwritten.add(host)
    soon()
    onChange()
  }

  return {
    book: () => book,
    offer: (host, state) => {
      const { book: next, outcome } = offer(book, host, state)
      if (outcome === 'taken') put(next, host)
      else book = next
      return outcome
    },
    restore: (host, subnets) => {
      attempt(complain, 'saved containers not used', () => {
        const text = readHostText(dataDir, host)
        if (text === undefined) return
        book = restore(book, host, parseState(text, subnets, `saved containers of ${host}`))
        onChange()
      })
    },
    lapse: (host) => {
      if (book.get(host)?.state !== undefined) put(lapse(book, host), host)
    },
    keepOnly: (hosts) => {
      const gone = [...book.keys()].filter((host) => !hosts.has(host))
      for (const host of gone) put(keepOnly(book, hosts), host)
      attempt(complain, 'saved containers not removed', () => {
        for (const host of hostsOnDisk(dataDir)) if (!hosts.has(host)) removeHostText(dataDir, host)
      })
    },
    flush,
    problem: () => problem,
  }
}
