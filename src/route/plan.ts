// Which routes a host needs to reach the containers of the others (DESIGN: per peer a P2P and a gateway route).

import { formatIp, type Family, type Ip } from '../addr/ip.ts'
import type { Prefix } from '../addr/prefix.ts'
import type { Route } from '../ip/route.ts'

/** A peer as its verified certificate shows it. */
export interface Peer {
  readonly name: string
  readonly overlay: readonly Ip[]
  readonly subnets: readonly Prefix[]
}

/** A next hop on a link. */
export interface Hop {
  readonly via: Ip
  readonly dev: string
}

/** All that decides the routes. */
export interface RouteInputs {
  readonly pools: readonly Prefix[]
  readonly peers: readonly Peer[]
  /** The bridge's own addresses; they become the preferred source of what the host itself sends. */
  readonly sources: readonly Ip[]
  /** The nebula link, or undefined while Nebula is down. */
  readonly nebulaDev: string | undefined
  /** The gateway hop per family, where there is one. */
  readonly gateways: readonly Hop[]
  /** A peer's overlay address to the gateway hop of its own. */
  readonly peerGateways: ReadonlyMap<string, Hop>
  readonly metrics: { readonly p2p: number; readonly gateway: number }
}

/**
 * The metric of the unreachable pool route: the highest there is, behind every real path. It keeps traffic for a
 * host that is not there from following the default route to the Internet.
 */
export const UNREACHABLE_METRIC = 4294967295

/**
 * The wanted routes: per peer subnet one through Nebula and one through the gateway hop at a higher metric, and the
 * unreachable pool routes. The two paths are on different links on purpose: Nebula keys its own route tree by
 * prefix and knows no metrics, so two metrics for one prefix on its device lose traffic.
 */
export function planRoutes(inputs: RouteInputs): readonly Route[] {
  const perPeer = inputs.peers.flatMap((peer) => peer.subnets.flatMap((dst) => peerRoutes(inputs, peer, dst)))
  const unreachable = inputs.pools
    .filter((pool) => inputs.sources.some((source) => source.family === pool.family))
    .map((dst): Route => ({ kind: 'unreachable', dst, metric: UNREACHABLE_METRIC }))
  return [...perPeer, ...unreachable]
}

function peerRoutes(inputs: RouteInputs, peer: Peer, dst: Prefix): Route[] {
  const src = ofFamily(inputs.sources, dst.family)
  // Without an address of this family on our side there is nobody here to talk to that subnet.
  if (src === undefined) return []
  const overlay = ofFamily(peer.overlay, dst.family)
  const own = peer.overlay
    .map((address) => inputs.peerGateways.get(formatIp(address)))
    .find((hop) => hop?.via.family === dst.family)
  const gateway = own ?? inputs.gateways.find((hop) => hop.via.family === dst.family)
  const routes: Route[] = []
  if (overlay !== undefined && inputs.nebulaDev !== undefined) {
    routes.push({
      kind: 'unicast',
      dst,
      via: overlay,
      dev: inputs.nebulaDev,
      metric: inputs.metrics.p2p,
      src,
    })
  }
  if (gateway !== undefined) {
    routes.push({ kind: 'unicast', dst, ...gateway, metric: inputs.metrics.gateway, src })
  }
  return routes
}

function ofFamily(addresses: readonly Ip[], family: Family): Ip | undefined {
  return addresses.find((address) => address.family === family)
}
