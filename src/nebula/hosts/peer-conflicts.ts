// Decides which peers can coexist. A signature proves who signed a certificate. Only this file checks that no
// two hosts have the same addresses; neither nebula-cert nor Nebula does.
//
// The rule: of several overlapping certificates, the one issued first (notBefore, then fingerprint) gets the
// routes and the others are refused. Only the certificates decide, so every host reaches the same result
// regardless of what it learnt first, and a newcomer never takes a subnet from its holder. The two
// overlapping hosts have no routes to each other, because each refuses the other.

import { formatPrefix, overlaps, type Prefix } from '../../addr/prefix.ts'
import { grantSubnets } from './subnet-owners.ts'
import { compareTexts, latestOfEach } from './latest-certificates.ts'
import type { PeerFacts } from './peer-facts.ts'
import { quoted } from '../certificate/refusal.ts'

/** The relevant part of this host's own certificate. */
interface OwnSubnets {
  readonly subnets: readonly Prefix[]
  readonly notBefore: number
  readonly fingerprint: string
}

/** The peers that may get routes and those that may not. */
interface SettledPeers<Peer extends PeerFacts> {
  readonly accepted: readonly Peer[]
  readonly refused: readonly { readonly peer: Peer; readonly reason: string }[]
  /** Older certificates of hosts that have a newer one. They are valid. */
  readonly superseded: readonly Peer[]
  /** The reason why other hosts refuse this one, if they do. */
  readonly ownRefused: string | undefined
}

/**
 * Refuses peers whose subnet overlaps this host's, one of a peer whose certificate was issued earlier, the
 * peer's own overlay network or one of `overlay`. `peers` must not include this host's own certificate.
 */
export function overlappingPeers<Peer extends PeerFacts>(
  own: OwnSubnets,
  peers: readonly Peer[],
  overlay: readonly Prefix[] = [],
): SettledPeers<Peer> {
  const { current, superseded } = latestOfEach(peers)
  const reasons = new Map<Peer, string>()
  for (const peer of current) {
    const reason = overlayConflict(peer, overlay)
    if (reason !== undefined) reasons.set(peer, reason)
  }
  const candidates = [own, ...current.filter((peer) => !reasons.has(peer))].toSorted(
    (a, b) => a.notBefore - b.notBefore || compareTexts(a.fingerprint, b.fingerprint),
  )
  const lost = grantSubnets<OwnSubnets | Peer>(candidates.map((owner) => ({ owner, subnets: owner.subnets })))
  for (const peer of current) {
    if (reasons.has(peer)) continue
    const loss = lost.get(peer)
    const reason = ownConflict(peer, own)
    if (reason !== undefined) reasons.set(peer, reason)
    else if (loss !== undefined) {
      const { subnet, taken } = loss
      // The winner is never this host: ownConflict has covered that case.
      const winner = quoted((loss.winner as Peer).name)
      reasons.set(
        peer,
        `its subnet ${formatPrefix(subnet)} overlaps ${formatPrefix(taken)} of ${winner}, ` +
          'whose certificate was issued first',
      )
    }
  }
  return {
    accepted: current.filter((peer) => !reasons.has(peer)),
    refused: [...reasons].map(([peer, reason]) => ({ peer, reason })),
    superseded,
    ownRefused: explainOwn(own, lost),
  }
}

function overlayConflict(peer: PeerFacts, overlay: readonly Prefix[]): string | undefined {
  for (const subnet of peer.subnets) {
    const network = [...overlay, ...peer.networks].find((each) => overlaps(each, subnet))
    if (network !== undefined) {
      return `its subnet ${formatPrefix(subnet)} overlaps the overlay network ${formatPrefix(network)}`
    }
  }
  return undefined
}

function ownConflict(peer: PeerFacts, { subnets }: OwnSubnets): string | undefined {
  for (const subnet of peer.subnets) {
    const mine = subnets.find((each) => overlaps(each, subnet))
    if (mine !== undefined) {
      return `its subnet ${formatPrefix(subnet)} overlaps this host's ${formatPrefix(mine)}`
    }
  }
  return undefined
}

function explainOwn<Peer extends PeerFacts>(
  own: OwnSubnets,
  lost: ReturnType<typeof grantSubnets<OwnSubnets | Peer>>,
): string | undefined {
  const loss = lost.get(own)
  if (loss === undefined) return undefined
  const winner = quoted((loss.winner as Peer).name)
  return (
    `this host's subnet ${formatPrefix(loss.subnet)} overlaps ${formatPrefix(loss.taken)} of ` +
    `${winner}, whose certificate was issued first: other hosts route to that one; ` +
    'sign this host again with another subnet'
  )
}
