// From the routes that are there and those that are wanted to the commands between the two.

import { formatIp } from '../addr/ip.ts'
import type { IpCommand } from '../ip/batch.ts'
import { type Route, routeDelete, routeKey, routeReplace } from '../ip/route.ts'

/**
 * The `ip` commands that turn `have` (our own routes only) into `want`. What is missing is added before anything
 * is deleted, so that no packet meets a moment without a route. A route that differs only in its source is replaced.
 */
export function diffRoutes(have: readonly Route[], want: readonly Route[]): readonly IpCommand[] {
  const present = new Map(have.map((route) => [routeKey(route), sourceOf(route)]))
  const wanted = new Set(want.map(routeKey))
  return [
    ...want.filter((route) => present.get(routeKey(route)) !== sourceOf(route)).map(routeReplace),
    ...have.filter((route) => !wanted.has(routeKey(route))).map(routeDelete),
  ]
}

function sourceOf({ src }: Route): string {
  return src === undefined ? 'chosen by the kernel' : formatIp(src)
}
