// From the routes that are there and those that are wanted to the commands between the two.

import type { IpCommand } from '../ip/batch.ts'
import { type Route, routeDelete, routeKey, routeReplace } from '../ip/route.ts'

/**
 * The `ip` commands that turn `have` (our own routes only) into `want`. What is missing is added before anything
 * is deleted, so that no packet meets a moment without a route.
 */
export function diffRoutes(have: readonly Route[], want: readonly Route[]): readonly IpCommand[] {
  const present = new Set(have.map(routeKey))
  const wanted = new Set(want.map(routeKey))
  return [
    ...want.filter((route) => !present.has(routeKey(route))).map(routeReplace),
    ...have.filter((route) => !wanted.has(routeKey(route))).map(routeDelete),
  ]
}
