// Which routes a host needs to reach the containers of the others (DESIGN: per peer a P2P and a gateway route).

import { formatIp, type Family, type Ip } from '../addr/ip.ts'
import { formatPrefix, halvesOf, hostPrefix, type Prefix } from '../addr/prefix.ts'
import { probeAddresses } from '../addr/range.ts'
import { NEBULA_TABLE, type Route } from '../ip/route.ts'

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
  /**
   * The bridge's own addresses with their subnets' lengths; they become the preferred source of what the host itself
   * sends.
   */
  readonly sources: readonly Prefix[]
  /** The nebula link, or undefined while Nebula is down. */
  readonly nebulaDev: string | undefined
  /** The gateway hop per family, where there is one. */
  readonly gateways: readonly Hop[]
  /** A peer's overlay address to the gateway hop of its own. */
  readonly peerGateways: ReadonlyMap<string, Hop>
  readonly metrics: { readonly p2p: number; readonly gateway: number }
}

/** Who owns the P2P routes decides what there is beside the gateway routes. */
export interface RouteOptions {
  /** Whether each peer's probe addresses have routes of their own, each pinned to its path, and Nebula its taught ones. */
  readonly pins: boolean
  /** The peers with a P2P route, by an overlay address of theirs (canonical text). */
  readonly p2p: 'all' | ReadonlySet<string>
}

/** Without an agent: both paths to everybody. */
export const WITHOUT_AGENT: RouteOptions = { pins: false, p2p: 'all' }

/**
 * The metric of the unreachable pool route: the highest there is, behind every real path. It keeps traffic for a
 * host that is not there from following the default route to the Internet.
 */
export const UNREACHABLE_METRIC = 4294967295

/**
 * The wanted routes: per peer subnet one through Nebula and one through the gateway hop at a higher metric, the pinned
 * routes of the probes, and the unreachable pool routes. The two paths of one prefix are on different links on purpose:
 * Nebula keys its own route tree by prefix and knows no metrics, so two metrics for one prefix on its device lose
 * traffic. A gateway host inside Nebula therefore gets one route for the whole pool, which every peer's own goes before.
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

/** The routes of a peer's subnets through Nebula; none while Nebula is down. */
export function p2pRoutes(inputs: RouteInputs, peer: Peer): readonly Route[] {
  return peer.subnets.flatMap(
    (dst) => nebulaRoute(inputs, peer, dst, ofFamily(inputs.sources, dst.family)) ?? [],
  )
}

/** The routes of a peer's probe addresses: the first always through Nebula, the second always by the gateway hop. */
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
 * Routes that the kernel never asks and Nebula learns its way to a peer from, for as long as the peer is known. Nebula hears of
 * a new P2P route a moment after the kernel uses it, and of a deleted one while packets still wait in its device: without these
 * one of four switches of a path that carries a packet a millisecond lost one. In two halves, because Nebula keys its tree by
 * prefix, and the entry of the P2P route goes whenever that route does. None where the gateway is a host inside Nebula: there
 * the shorter prefix has to count once the P2P route is gone.
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
 * Of our routes in the kernel those that stay although they are not wanted: the gateway routes of known peers for which no
 * hop is to be found at the moment. What was there is the best there is.
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

// Without an address of this family on our side there is nobody here to talk to that subnet.
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
  const hop = inputs.gateways.find(({ via }) => via.family === pool.family)
  if (src === undefined || hop === undefined || hop.dev !== inputs.nebulaDev) return undefined
  return byHop(inputs, pool, hop, src)
}

function byHop({ metrics }: RouteInputs, dst: Prefix, hop: Hop, src: Ip): Route {
  return { kind: 'unicast', dst, ...hop, metric: metrics.gateway, src }
}

function gatewayHop(inputs: RouteInputs, peer: Peer, family: Family): Hop | undefined {
  const own = peer.overlay
    .map((address) => inputs.peerGateways.get(formatIp(address)))
    .find((hop) => hop?.via.family === family)
  return own ?? inputs.gateways.find((hop) => hop.via.family === family)
}

function ofFamily<Address extends Ip>(addresses: readonly Address[], family: Family): Address | undefined {
  return addresses.find((address) => address.family === family)
}
