// A host whose default route disappears for a moment keeps its gateway routes (route/plan.ts, keptRoutes). So
// it has a gateway path as long as their link leads there. Pure.

import type { HostNetwork } from '../../host/network/network.ts'
import type { ProcRoute } from '../../ip/proc-route.ts'
import { neighbourLink } from '../../route/lookup.ts'
import { type Hop, hopFamily } from '../../route/hop.ts'

/**
 * Returns the earlier hops that still count: those of a family without a hop now, whose next hop is a
 * neighbour on the same link.
 * @param routes the kernel's connected routes
 */
export function lastHops(
  earlier: readonly Hop[],
  { gateways, nebulaDev }: Pick<HostNetwork, 'gateways' | 'nebulaDev'>,
  routes: readonly ProcRoute[],
): readonly Hop[] {
  return earlier.filter(
    (hop) =>
      hop.dev !== nebulaDev &&
      leadsThere(hop, routes) &&
      !gateways.some((other) => hopFamily(other) === hopFamily(hop)),
  )
}

// A next hop outside the networks of its link stays reachable as long as the link has routes at all.
function leadsThere({ via, dev, family, onLink }: Hop, routes: readonly ProcRoute[]): boolean {
  if (via === undefined || family !== undefined || onLink === true)
    return routes.some((route) => route.dev === dev)
  return neighbourLink(routes, via) === dev
}
