// A host whose default route has gone for a moment keeps its gateway routes (route/plan.ts, keptRoutes), so it has a gateway
// path for as long as their link leads there. Pure.

import type { HostNetwork } from '../host/network.ts'
import type { ProcRoute } from '../ip/proc-route.ts'
import { neighbourLink } from '../route/lookup.ts'
import type { Hop } from '../route/plan.ts'

/**
 * The hops found earlier that still count: of a family for which none is found now, and a neighbour on the same link.
 * @param routes the kernel's connected ones
 */
export function lastHops(
  earlier: readonly Hop[],
  { gateways, nebulaDev }: Pick<HostNetwork, 'gateways' | 'nebulaDev'>,
  routes: readonly ProcRoute[],
): readonly Hop[] {
  return earlier.filter(
    ({ via, dev }) =>
      dev !== nebulaDev &&
      neighbourLink(routes, via) === dev &&
      !gateways.some((hop) => hop.via.family === via.family),
  )
}
