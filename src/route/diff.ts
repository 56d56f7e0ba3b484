// Computes the commands that lead from the existing routes to the wanted ones.

import { formatIp } from '../addr/ip.ts'
import { formatPrefix } from '../addr/prefix.ts'
import type { IpCommand } from '../ip/batch.ts'
import { type Route, routeDelete, routeKey, routeReplace } from '../ip/route.ts'

/**
 * Returns the `ip` commands that turn `have` (our own routes only) into `want`. Missing routes are added
 * before any are deleted, so that no packet finds a gap. A route that differs only in its source or its
 * onlink flag is replaced.
 */
export function diffRoutes(have: readonly Route[], want: readonly Route[]): readonly IpCommand[] {
  const present = new Map(have.map((route) => [routeKey(route), restOf(route)]))
  const wanted = new Set(want.map(routeKey))
  const made = want.filter((route) => present.get(routeKey(route)) !== restOf(route))
  const taken = new Set(made.map(placeOf))
  const gone = have.filter((route) => !wanted.has(routeKey(route)))
  return [
    ...made.map(routeReplace),
    ...gone.filter((route) => !(isGreedy(route) && taken.has(placeOf(route)))).map(routeDelete),
  ]
}

// Without a next hop, "route delete" matches any route with that link and metric, including the one that has
// just replaced it.
function isGreedy({ kind, via }: Route): boolean {
  return kind === 'unicast' && via === undefined
}

function placeOf({ dst, dev = '-', metric, table = 0 }: Route): string {
  return `${formatPrefix(dst)} ${dev} ${String(metric)} ${String(table)}`
}

function restOf({ src, onLink }: Route): string {
  return `${src === undefined ? 'chosen by the kernel' : formatIp(src)} ${onLink === true ? 'onlink' : ''}`
}
