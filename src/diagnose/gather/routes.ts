// Gathers the main routing table of both families, with one call of `ip` each.

import type { Family } from '../../addr/ip.ts'
import type { Facts } from '../../check/facts.ts'
import type { RouteFacts } from '../../check/facts/routes.ts'
import { ipShow } from '../../exec/network/ip.ts'
import { parseShownRoutes } from '../../ip/shown-route.ts'

/**
 * Gathers the routes.
 * @throws CniError when `ip` is missing
 */
export async function gatherRoutes(): Promise<Facts['routes']> {
  const [four, six] = await Promise.all(([4, 6] as const).map((family) => readRoutes(family, 'main')))
  return [...(four ?? []), ...(six ?? [])]
}

/** Returns the routes of one table; none if the table does not exist. */
export async function readRoutes(family: Family, table: string): Promise<readonly RouteFacts[]> {
  const text = await ipShow([`-${String(family)}`, 'route', 'show', 'table', table])
  return parseShownRoutes(text, family)
}
