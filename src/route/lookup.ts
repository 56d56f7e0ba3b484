// Queries on the kernel's routing table: the gateway hop, and the link that leads to an address.

import { bitsOf, type Family, type Ip } from '../addr/ip.ts'
import { contains, covers, type Prefix } from '../addr/prefix.ts'
import type { ProcRoute } from '../ip/proc-route.ts'
import type { ShownRoute } from '../ip/shown-route.ts'
import type { Hop } from './hop.ts'

/**
 * Returns the default route that provides the gateway hop, ignoring the links in `not` (our bridge, the
 * nebula link). Prefers routes with a next hop, then the lowest metric. A VPN that routes everything into its
 * own link (wg0) has no next hop and seldom leads to the other hosts of the LAN.
 */
export function defaultRoute(
  routes: readonly ProcRoute[],
  family: Family,
  not: readonly string[],
): ProcRoute | undefined {
  const [best] = routes
    .filter(({ dst, dev, reject }) => dst.family === family && dst.length === 0 && !reject && dev !== NO_LINK)
    .filter(({ dev }) => !not.includes(dev))
    .toSorted((a, b) => Number(isDirect(a)) - Number(isDirect(b)) || a.metric - b.metric)
  return best
}

/**
 * Returns the hop of a default route, or undefined if /proc cannot tell. That is the case for an IPv6 next
 * hop, and for a next hop outside the networks of its link: the route then has the flag onlink or several
 * next hops, and another may be alive.
 */
export function hopOf(route: ProcRoute, routes: readonly ProcRoute[]): Hop | undefined {
  const { via, dev, dst } = route
  if (isDirect(route)) return { via: undefined, dev, family: dst.family }
  return via !== undefined && isNeighbourOn(routes, via, dev) ? { via, dev } : undefined
}

/** Returns the hop of the same default route from the output of `ip`: the first living next hop. */
export function shownHop(shown: readonly ShownRoute[], { dev, dst, metric }: ProcRoute): Hop | undefined {
  const living = shown.filter(
    (route) =>
      route.type === 'unicast' && route.dst.length === 0 && route.metric === metric && !isDead(route.flags),
  )
  const found = living.find((route) => route.dev === dev) ?? living[0]
  if (found?.dev === undefined) return undefined
  return {
    via: found.via,
    dev: found.dev,
    ...(found.via?.family === dst.family ? {} : { family: dst.family }),
    ...(found.flags.includes('onlink') ? { onLink: true } : {}),
  }
}

/**
 * Returns whether a network of the link contains `ip`. True for any IPv6 address, because IPv6 neighbours
 * have link-local addresses, which exist on every link.
 */
export function isNeighbourOn(routes: readonly ProcRoute[], ip: Ip, dev: string): boolean {
  if (ip.family === 6) return true
  return routes.some((route) => route.dev === dev && isConnected(route) && contains(route.dst, ip))
}

// A blackhole or throw route of IPv4 has no link (net/ipv4/fib_trie.c, fib_route_seq_show).
const NO_LINK = '*'

function isDirect({ via, viaInet6, reject, dev }: ProcRoute): boolean {
  return via === undefined && viaInet6 !== true && !reject && dev !== NO_LINK
}

function isConnected(route: ProcRoute): boolean {
  return isDirect(route) && route.dst.length > 0
}

function isDead(flags: readonly string[]): boolean {
  return flags.includes('dead') || flags.includes('linkdown')
}

/** Returns the link on which `ip` is a neighbour, from the longest connected prefix that contains it. */
export function neighbourLink(routes: readonly ProcRoute[], ip: Ip): string | undefined {
  const [best] = routes
    .filter((route) => isConnected(route) && contains(route.dst, ip))
    .toSorted((a, b) => b.dst.length - a.dst.length || a.metric - b.metric)
  return best?.dev
}

/** Returns the connected networks of a link that are part of a pool. */
export function subnetsOnLink(
  routes: readonly ProcRoute[],
  link: string,
  pools: readonly Prefix[],
): readonly Prefix[] {
  return routes
    .filter((route) => route.dev === link && isConnected(route))
    .map(({ dst }) => dst)
    .filter((dst) => dst.length < bitsOf(dst.family) && pools.some((pool) => covers(pool, dst)))
}

/** Returns the links that have exactly this connected network. */
export function linksOfNetwork(routes: readonly ProcRoute[], network: Prefix): readonly string[] {
  const same = (route: ProcRoute): boolean =>
    isConnected(route) &&
    route.dst.family === network.family &&
    route.dst.length === network.length &&
    route.dst.value === network.value
  return [...new Set(routes.filter(same).map(({ dev }) => dev))]
}
