// Plans the routes that a host needs to reach the containers of the other hosts: one direct and one gateway
// route per peer.

import { formatIp, type Family, type Ip } from '../addr/ip.ts'
import { formatPrefix, halvesOf, hostPrefix, type Prefix } from '../addr/prefix.ts'
import { probeAddresses } from '../addr/range.ts'
import { NEBULA_TABLE, type Route } from '../ip/route.ts'
import { type Hop, hopFamily } from './hop.ts'

/** A peer, from its verified certificate. */
export interface Peer {
  readonly name: string
  readonly overlay: readonly Ip[]
  readonly subnets: readonly Prefix[]
}

/** Everything that determines the routes. */
export interface RouteInputs {
  readonly pools: readonly Prefix[]
  readonly peers: readonly Peer[]
  /**
   * The bridge's own addresses with their subnets' prefix lengths. They become the preferred source of
   * packets from the host itself.
   */
  readonly sources: readonly Prefix[]
  /** The nebula link, or undefined while Nebula is down. */
  readonly nebulaDev: string | undefined
  /** The gateway hop per family, if any. */
  readonly gateways: readonly Hop[]
  /** Maps a peer's overlay address to its own gateway hop. */
  readonly peerGateways: ReadonlyMap<string, Hop>
  readonly metrics: { readonly p2p: number; readonly gateway: number }
}

/** What to plan besides the gateway routes. It depends on who owns the direct routes. */
interface RouteOptions {
  /**
   * Whether to pin each peer's probe addresses to their paths, and to add the routes that only Nebula reads.
   */
  readonly pins: boolean
  /** The peers with a direct route, each by one of its overlay addresses (canonical text). */
  readonly p2p: 'all' | ReadonlySet<string>
}

/** The options without an agent: both paths to every peer. */
const WITHOUT_AGENT: RouteOptions = { pins: false, p2p: 'all' }

/**
 * The metric of the unreachable pool route: the highest possible, behind every real path. The route keeps
 * traffic for a missing host from following the default route to the Internet.
 */
const UNREACHABLE_METRIC = 4294967295

/**
 * Returns the wanted routes: per peer subnet one through Nebula and one via the gateway hop at a higher
 * metric, the pinned routes of the probes, and the unreachable pool routes. The two paths of one prefix must
 * use different links. Nebula keys its own route tree by prefix and ignores metrics, so two metrics for one
 * prefix on its device lose traffic. A gateway host inside Nebula therefore gets one route for the whole
 * pool, and every peer's longer prefix takes precedence over it.
 */
export function planRoutes(inputs: RouteInputs, options: RouteOptions = WITHOUT_AGENT): readonly Route[] {
  const perPeer = inputs.peers.flatMap((peer) => [
    ...(options.p2p === 'all' || isAmong(peer, options.p2p) ? p2pRoutes(inputs, peer) : []),
    ...peer.subnets.flatMap((dst) => gatewayRoute(inputs, peer, dst) ?? []),
    ...(options.pins ? [...pinnedRoutes(inputs, peer), ...taughtRoutes(inputs, peer)] : []),
  ])
  const unreachable = inputs.pools
    .filter((pool) => ofFamily(inputs.sources, pool.family) !== undefined)
    .map((dst): Route => ({ kind: 'unreachable', dst, metric: UNREACHABLE_METRIC }))
  return [...perPeer, ...inputs.pools.flatMap((pool) => poolRoute(inputs, pool) ?? []), ...unreachable]
}

/** Returns the routes to a peer's subnets through Nebula. Empty while Nebula is down. */
export function p2pRoutes(inputs: RouteInputs, peer: Peer): readonly Route[] {
  return peer.subnets.flatMap(
    (dst) => nebulaRoute(inputs, peer, dst, ofFamily(inputs.sources, dst.family)) ?? [],
  )
}

/**
 * Returns the routes to a peer's probe addresses: the first always through Nebula, the second always via the
 * gateway hop.
 */
export function pinnedRoutes(inputs: RouteInputs, peer: Peer): readonly Route[] {
  return peer.subnets.flatMap((subnet) => {
    const own = ofFamily(inputs.sources, subnet.family)
    const [here, there] = [own && probeAddresses(own), probeAddresses(subnet)]
    if (here === undefined || there === undefined) return []
    const hop = gatewayHop(inputs, peer, subnet.family)
    const p2p = nebulaRoute(inputs, peer, hostPrefix(there.p2p), here.p2p)
    return [
      ...(p2p === undefined ? [] : [p2p]),
      ...(hop === undefined ? [] : [byHop(inputs, hostPrefix(there.gateway), hop, here.gateway)]),
    ]
  })
}

/**
 * Returns routes that the kernel never uses and that teach Nebula its way to a peer for as long as the peer
 * is known. Nebula hears of a new direct route shortly after the kernel starts to use it, and of a deleted
 * one while packets are still queued in its device. Without the taught routes, one in four switches lost a
 * packet on a path with one packet per millisecond. Each subnet is split in two halves, because Nebula keys
 * its tree by prefix and would drop the entry along with the direct route. There are none if the gateway is a
 * host inside Nebula, because the shorter prefix must take over there when the direct route is removed.
 */
export function taughtRoutes(inputs: RouteInputs, peer: Peer): readonly Route[] {
  return peer.subnets
    .filter(({ family }) => gatewayHop(inputs, peer, family)?.dev !== inputs.nebulaDev)
    .flatMap((subnet) => {
      const route = nebulaRoute(inputs, peer, subnet, ofFamily(inputs.sources, subnet.family))
      if (route === undefined) return []
      const { src: _src, ...taught } = { ...route, table: NEBULA_TABLE }
      return halvesOf(subnet).map((dst) => ({ ...taught, dst }))
    })
}

/**
 * Returns our existing routes that stay although they are not wanted: gateway routes of known peers whose hop
 * cannot be found at the moment. The old route is the best guess available.
 */
export function keptRoutes(inputs: RouteInputs, have: readonly Route[]): readonly Route[] {
  const orphans = inputs.peers.flatMap((peer) =>
    peer.subnets
      .filter(({ family }) => gatewayHop(inputs, peer, family) === undefined)
      .flatMap((subnet) => {
        const probes = probeAddresses(subnet)
        return [subnet, ...(probes === undefined ? [] : [hostPrefix(probes.gateway)])]
      }),
  )
  const destinations = new Set(orphans.map(formatPrefix))
  return have.filter(
    ({ dst, metric, dev }) =>
      metric === inputs.metrics.gateway && dev !== inputs.nebulaDev && destinations.has(formatPrefix(dst)),
  )
}

function isAmong(peer: Peer, chosen: ReadonlySet<string>): boolean {
  return peer.overlay.some((address) => chosen.has(formatIp(address)))
}

// Without an address of this family on our side, no local container can talk to that subnet.
function nebulaRoute(inputs: RouteInputs, peer: Peer, dst: Prefix, src: Ip | undefined): Route | undefined {
  const via = ofFamily(peer.overlay, dst.family)
  const { nebulaDev: dev } = inputs
  if (src === undefined || via === undefined || dev === undefined) return undefined
  return { kind: 'unicast', dst, via, dev, metric: inputs.metrics.p2p, src }
}

function gatewayRoute(inputs: RouteInputs, peer: Peer, dst: Prefix): Route | undefined {
  const src = ofFamily(inputs.sources, dst.family)
  const hop = gatewayHop(inputs, peer, dst.family)
  if (src === undefined || hop === undefined || hop.dev === inputs.nebulaDev) return undefined
  return byHop(inputs, dst, hop, src)
}

function poolRoute(inputs: RouteInputs, pool: Prefix): Route | undefined {
  const src = ofFamily(inputs.sources, pool.family)
  const hop = inputs.gateways.find((each) => hopFamily(each) === pool.family)
  if (src === undefined || hop === undefined || hop.dev !== inputs.nebulaDev) return undefined
  return byHop(inputs, pool, hop, src)
}

function byHop({ metrics }: RouteInputs, dst: Prefix, hop: Hop, src: Ip): Route {
  const { via, dev, onLink } = hop
  return {
    kind: 'unicast',
    dst,
    ...(via === undefined ? {} : { via }),
    dev,
    ...(onLink === undefined ? {} : { onLink }),
    metric: metrics.gateway,
    src,
  }
}

function gatewayHop(inputs: RouteInputs, peer: Peer, family: Family): Hop | undefined {
  const own = peer.overlay
    .map((address) => inputs.peerGateways.get(formatIp(address)))
    .find((hop) => hop !== undefined && hopFamily(hop) === family)
  return own ?? inputs.gateways.find((hop) => hopFamily(hop) === family)
}

function ofFamily<Address extends Ip>(addresses: readonly Address[], family: Family): Address | undefined {
  return addresses.find((address) => address.family === family)
}
