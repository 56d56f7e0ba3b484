// Which peers can be believed side by side. A signature proves who says what; that no two hosts were given the same
// addresses is checked here and nowhere else, neither by nebula-cert nor by Nebula.

import { formatPrefix, overlaps, type Prefix } from '../addr/prefix.ts'
import { type Claim, overlappingClaims } from './claim.ts'
import type { PeerFacts } from './peer.ts'
import { quoted } from './refusal.ts'

/** Who may be routed and who may not. */
export interface PeerVerdict<Peer extends PeerFacts> {
  readonly accepted: readonly Peer[]
  readonly refused: readonly { readonly peer: Peer; readonly reason: string }[]
  /** Older certificates of a host whose newer one is among the others; nothing is wrong with them. */
  readonly superseded: readonly Peer[]
}

/**
 * Refuses peers whose subnet overlaps one of `own` (this host's subnets), another peer's (then both are refused), their
 * own overlay network or one of `overlay`. Of several certificates of one host (same name, same overlay addresses, or
 * one with more of them) the one issued last counts. Leave this host's own certificate out of `peers`.
 */
export function overlappingPeers<Peer extends PeerFacts>(
  own: readonly Prefix[],
  peers: readonly Peer[],
  overlay: readonly Prefix[] = [],
): PeerVerdict<Peer> {
  const { current, superseded } = latestOfEach(peers)
  const reasons = new Map<Peer, string>()
  const claims: Claim<Peer>[] = []
  for (const peer of current) {
    for (const subnet of peer.subnets) {
      const reason = ownConflict(peer, subnet, own, overlay)
      if (reason !== undefined) reasons.set(peer, reason)
      claims.push({ owner: peer, subnet })
    }
  }
  for (const [first, second] of overlappingClaims(claims)) {
    for (const [mine, other] of [[first, second] as const, [second, first] as const]) {
      if (reasons.has(mine.owner)) continue
      reasons.set(
        mine.owner,
        `its subnet ${formatPrefix(mine.subnet)} overlaps ${formatPrefix(other.subnet)} of ${quoted(other.owner.name)}`,
      )
    }
  }
  return {
    accepted: current.filter((peer) => !reasons.has(peer)),
    refused: [...reasons].map(([peer, reason]) => ({ peer, reason })),
    superseded,
  }
}

function ownConflict(
  peer: PeerFacts,
  subnet: Prefix,
  own: readonly Prefix[],
  overlay: readonly Prefix[],
): string | undefined {
  const mine = own.find((each) => overlaps(each, subnet))
  const network = [...overlay, ...peer.networks].find((each) => overlaps(each, subnet))
  const other = mine ?? network
  if (other === undefined) return undefined
  const owner = mine === undefined ? 'the overlay network' : "this host's"
  return `its subnet ${formatPrefix(subnet)} overlaps ${owner} ${formatPrefix(other)}`
}

function latestOfEach<Peer extends PeerFacts>(
  peers: readonly Peer[],
): { current: Peer[]; superseded: Peer[] } {
  const newestFirst = peers.toSorted(
    (a, b) =>
      b.notBefore - a.notBefore ||
      b.version - a.version ||
      b.overlay.length - a.overlay.length ||
      (a.fingerprint < b.fingerprint ? -1 : 1),
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

function isPart(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  return [...some].every((each) => all.has(each))
}
