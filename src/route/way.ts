// Which way our routes in the kernel lead to a peer. Pure.

import { covers, type Prefix } from '../addr/prefix.ts'
import type { Route } from '../ip/route.ts'

export type Way = 'p2p' | 'gateway' | 'none'

/**
 * The way to all of a peer's subnets: `p2p` when each of them has its P2P route, `gateway` when each has a route at all (by a
 * gateway host inside Nebula that is one for the whole pool), `none` otherwise.
 * @param routes ours, of all tables; only those of the main one lead anywhere
 */
export function wayTo(
  routes: readonly Route[],
  subnets: readonly Prefix[],
  metrics: { readonly p2p: number; readonly gateway: number },
): Way {
  if (subnets.length === 0) return 'none'
  const leading = routes.filter(({ kind, table }) => kind === 'unicast' && table === undefined)
  const has = (subnet: Prefix, metric: number): boolean =>
    leading.some((route) => route.metric === metric && covers(route.dst, subnet))
  const isP2p = (subnet: Prefix): boolean => has(subnet, metrics.p2p)
  if (subnets.every(isP2p)) return 'p2p'
  return subnets.every((subnet) => isP2p(subnet) || has(subnet, metrics.gateway)) ? 'gateway' : 'none'
}
