// Derives from two certificates what two agents need to talk: addresses per lane, and the key. Pure.

import { type Family, formatIp, type Ip } from '../../addr/ip.ts'
import { probeAddresses, bridgeAddress } from '../../addr/range.ts'
import type { Prefix } from '../../addr/prefix.ts'
import type { Lane } from '../../paths/probe/message.ts'
import type { LaneEnds } from './peer.ts'

/** One side: overlay addresses and host subnets. */
export interface Side {
  readonly overlay: readonly Ip[]
  readonly subnets: readonly Prefix[]
}

/**
 * Returns the lanes between two hosts. All are in one family, IPv4 if both have an IPv4 subnet. Both families
 * of a path cross the same links, and one probe for both halves the traffic.
 */
export function laneEnds(own: Side, peer: Side): ReadonlyMap<Lane, LaneEnds> {
  const family = sharedFamily(own, peer)
  if (family === undefined) return new Map()
  const [mine, theirs] = [own, peer].map((side) => endsOf(side, family))
  const ends = new Map<Lane, LaneEnds>()
  for (const lane of ['tunnel', 'p2p', 'gateway', 'user'] as const) {
    const [from, to] = [mine?.get(lane), theirs?.get(lane)]
    if (from !== undefined && to !== undefined) ends.set(lane, { from, to })
  }
  return ends
}

/** Returns this host's addresses for messages, each with its lane. */
export function ownEnds(own: Side): ReadonlyMap<string, Lane> {
  const families = [...new Set(own.subnets.map(({ family }) => family))]
  const pairs = families.flatMap((family) =>
    [...endsOf(own, family)].map(([lane, address]) => [address, lane] as const),
  )
  return new Map(pairs)
}

function sharedFamily(own: Side, peer: Side): Family | undefined {
  return ([4, 6] as const).find((family) =>
    [own, peer].every(({ subnets }) => subnets.some((subnet) => subnet.family === family)),
  )
}

function endsOf({ overlay, subnets }: Side, family: Family): ReadonlyMap<Lane, string> {
  const subnet = subnets.find((each) => each.family === family)
  const tunnel = overlay.find((each) => each.family === family)
  const ends = new Map<Lane, string>()
  if (tunnel !== undefined) ends.set('tunnel', formatIp(tunnel))
  if (subnet === undefined) return ends
  const reserved = probeAddresses(subnet)
  if (reserved !== undefined) {
    ends.set('p2p', formatIp(reserved.p2p))
    ends.set('gateway', formatIp(reserved.gateway))
  }
  ends.set('user', formatIp(bridgeAddress(subnet)))
  return ends
}
