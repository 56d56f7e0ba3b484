// Adds routes to a container in which another network has routes already (net/route-conflicts.ts).

import { parseShown } from '../../ip/show.ts'
import { ipBatchThenTry, ipShow } from '../../exec/network/ip.ts'
import type { Prefix } from '../../addr/prefix.ts'
import { planAnnouncements } from '../../net/announcement.ts'
import { type ContainerRoute, type LinkPlan, planContainer } from '../../net/plan.ts'
import { settleRoutes, type ShownRoute } from '../../net/route-conflicts.ts'

// Another runtime's plugin may add its routes between our look and our batch. More than a
// few times in a row is a fault.
const MOST_TRIES = 5

/**
 * Continues after the batch of {@link planContainer} was refused.
 * @param refused the error of that batch, thrown if no route is in the way
 * @returns the routes as they are now
 */
export async function addBesideOthers(
  { ifname, netns }: LinkPlan,
  addresses: readonly Prefix[],
  wanted: readonly ContainerRoute[],
  refused: unknown,
): Promise<readonly ContainerRoute[]> {
  let [error, known] = [refused, wanted]
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const { routes, missing } = settleRoutes(ifname, wanted, await shownRoutes(netns))
    if (isSame(routes, known)) break
    known = routes
    try {
      const announcements = planAnnouncements(ifname, addresses)
      await ipBatchThenTry(planContainer(ifname, addresses, missing), announcements, netns)
      return routes
    } catch (again) {
      error = again
    }
  }
  throw error
}

async function shownRoutes(netns: string): Promise<readonly ShownRoute[]> {
  const shown: ShownRoute[] = []
  for (const family of [4, 6] as const) {
    const text = await ipShow([`-${String(family)}`, 'route', 'show', 'table', 'all'], netns)
    shown.push(...parseShown<object>(text).map((route): ShownRoute => ({ ...route, family })))
  }
  return shown
}

function isSame(a: readonly ContainerRoute[], b: readonly ContainerRoute[]): boolean {
  return a.every(({ metric }, index) => metric === b[index]?.metric)
}
