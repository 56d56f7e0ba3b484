// Determines which path our routes in the kernel take to a peer. Pure.

import { covers, type Prefix } from '../addr/prefix.ts'
import type { Route } from '../ip/route.ts'

export type Way = 'p2p' | 'gateway' | 'none'

/**
 * Returns the path to all of a peer's subnets: `p2p` if each of them has its direct route, `gateway` if each
 * has any route (via a gateway host inside Nebula, one route covers the whole pool), `none` otherwise.
 * @param routes ours, of all tables; only those of the main table carry traffic
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
