// Which peers can be believed side by side. A signature proves who says what; that no two hosts were given the same
// addresses is checked here and nowhere else, neither by nebula-cert nor by Nebula.
//
// The rule: of overlapping certificates the one issued first (notBefore, then fingerprint) is routed to, the others are
// refused. It looks at nothing but the certificates, so every host comes to the same verdict whatever it learnt first, and
// a newcomer never takes a subnet from who has it. Between the two themselves there is nothing to route: both refuse.

import { formatPrefix, overlaps, type Prefix } from '../addr/prefix.ts'
import { settleClaims } from './claim.ts'
import { compareTexts, latestOfEach } from './latest.ts'
import type { PeerFacts } from './peer.ts'
import { quoted } from './refusal.ts'

/** What matters of this host's own certificate. */
export interface OwnClaim {
  readonly subnets: readonly Prefix[]
  readonly notBefore: number
  readonly fingerprint: string
}

/** Who may be routed and who may not. */
export interface PeerVerdict<Peer extends PeerFacts> {
  readonly accepted: readonly Peer[]
  readonly refused: readonly { readonly peer: Peer; readonly reason: string }[]
  /** Older certificates of a host whose newer one is among the others; nothing is wrong with them. */
  readonly superseded: readonly Peer[]
  /** Why other hosts refuse this one, when they do. */
  readonly ownRefused: string | undefined
}

/**
 * Refuses peers whose subnet overlaps this host's, an earlier issued one of another peer, their own overlay network or one
 * of `overlay`. Leave this host's own certificate out of `peers`.
 */
export function overlappingPeers<Peer extends PeerFacts>(
  own: OwnClaim,
  peers: readonly Peer[],
  overlay: readonly Prefix[] = [],
): PeerVerdict<Peer> {
  const { current, superseded } = latestOfEach(peers)
  const reasons = new Map<Peer, string>()
  for (const peer of current) {
    const reason = overlayConflict(peer, overlay)
    if (reason !== undefined) reasons.set(peer, reason)
  }
  const claimants = [own, ...current.filter((peer) => !reasons.has(peer))].toSorted(
    (a, b) => a.notBefore - b.notBefore || compareTexts(a.fingerprint, b.fingerprint),
  )
  const lost = settleClaims<OwnClaim | Peer>(claimants.map((owner) => ({ owner, subnets: owner.subnets })))
  for (const peer of current) {
    if (reasons.has(peer)) continue
    const loss = lost.get(peer)
    const reason = ownConflict(peer, own)
    if (reason !== undefined) reasons.set(peer, reason)
    else if (loss !== undefined) {
      const { subnet, taken } = loss
      // Not this host: that was looked at just now.
      const winner = quoted((loss.winner as Peer).name)
      reasons.set(
        peer,
        `its subnet ${formatPrefix(subnet)} overlaps ${formatPrefix(taken)} of ${winner}, whose certificate was issued first`,
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

function ownConflict(peer: PeerFacts, { subnets }: OwnClaim): string | undefined {
  for (const subnet of peer.subnets) {
    const mine = subnets.find((each) => overlaps(each, subnet))
    if (mine !== undefined) {
      return `its subnet ${formatPrefix(subnet)} overlaps this host's ${formatPrefix(mine)}`
    }
  }
  return undefined
}

function explainOwn<Peer extends PeerFacts>(
  own: OwnClaim,
  lost: ReturnType<typeof settleClaims<OwnClaim | Peer>>,
): string | undefined {
  const loss = lost.get(own)
  if (loss === undefined) return undefined
  const winner = quoted((loss.winner as Peer).name)
  return `this host's subnet ${formatPrefix(loss.subnet)} overlaps ${formatPrefix(loss.taken)} of ${winner}, whose certificate was issued first: other hosts route to that one; sign this host again with another subnet`
}
