// Picks the certificate that counts when a host has several: the one issued last.

import type { PeerFacts } from './peer-facts.ts'

/**
 * The certificate of each host that counts, in the given order, and the older ones, which are valid but
 * superseded.
 */
interface Latest<Peer extends PeerFacts> {
  readonly current: readonly Peer[]
  readonly superseded: readonly Peer[]
}

/**
 * Groups certificates by host and picks the latest of each group. Two certificates belong to one host if they
 * share the name and the overlay addresses of one include those of the other. Duplicates count once, at their
 * first position. The order of `peers` affects nothing else.
 */
export function latestOfEach<Peer extends PeerFacts>(peers: readonly Peer[]): Latest<Peer> {
  const newestFirst = peers.toSorted(
    (a, b) =>
      b.notBefore - a.notBefore ||
      b.version - a.version ||
      b.overlay.length - a.overlay.length ||
      compareTexts(a.fingerprint, b.fingerprint),
  )
  const kept = new Map<string, { peer: Peer; addresses: ReadonlySet<string> }[]>()
  const superseded: Peer[] = []
  for (const peer of newestFirst) {
    const addresses = new Set(peer.overlay.map(({ family, value }) => `${String(family)}/${String(value)}`))
    const sameName = kept.get(peer.name) ?? []
    if (sameName.some((other) => isPart(addresses, other.addresses) || isPart(other.addresses, addresses))) {
      superseded.push(peer)
    } else {
      kept.set(peer.name, [...sameName, { peer, addresses }])
    }
  }
  const current = new Set([...kept.values()].flat().map(({ peer }) => peer))
  return { current: peers.filter((peer) => current.delete(peer)), superseded }
}

/**
 * Compares by code units, so that every host gets the same order. Returns a negative number, zero or a
 * positive number.
 */
export function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

function isPart(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  return [...some].every((each) => all.has(each))
}
