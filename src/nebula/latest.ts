// Of several certificates of one host the one issued last counts.

import type { PeerFacts } from './peer.ts'

/** The certificate of each host that counts, in the order given, and the older ones, with which nothing is wrong. */
export interface Latest<Peer extends PeerFacts> {
  readonly current: readonly Peer[]
  readonly superseded: readonly Peer[]
}

/**
 * One host is: same name, and the same overlay addresses or one with more of them. The same certificate twice counts
 * once, where it comes first. The order of `peers` decides nothing else.
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

/** Negative, zero or positive, by code units: the same on every host. */
export function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

function isPart(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  return [...some].every((each) => all.has(each))
}
