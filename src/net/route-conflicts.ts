// Resolves conflicts between a container's routes on several networks. The kernel accepts one route per
// destination, metric and table.

import { type Family, formatIp } from '../addr/ip.ts'
import { formatPrefix } from '../addr/prefix.ts'
import type { ContainerRoute } from './plan.ts'

/** A route from `ip -j route show table all`, with the queried family, because "default" occurs in both. */
export interface ShownRoute {
  readonly family: Family
  readonly dst?: string
  readonly gateway?: string
  readonly dev?: string
  readonly metric?: number
  /** A number as text, or a name; absent for the main table. */
  readonly table?: string
}

/** The routes of an interface, fitted in among the existing ones. */
interface SettledRoutes {
  /** All routes with their final metrics. */
  readonly routes: readonly ContainerRoute[]
  /** The routes that must still be added. */
  readonly missing: readonly ContainerRoute[]
}

/**
 * Gives each route the next free metric in its table. Of two default routes, the existing one keeps
 * precedence, as with the reference plugins, which skip their own. Ours takes over when the other disappears.
 */
export function settleRoutes(
  ifname: string,
  wanted: readonly ContainerRoute[],
  shown: readonly ShownRoute[],
): SettledRoutes {
  const missing: ContainerRoute[] = []
  const routes = wanted.map((route) => {
    const rivals = shown.filter((other) => isSameDestination(route, other))
    const gateway = route.gateway === undefined ? undefined : formatIp(route.gateway)
    const own = rivals.find((other) => other.dev === ifname && other.gateway === gateway)
    if (own !== undefined) return { ...route, metric: shownMetric(route, own) }
    const taken = new Set(rivals.map((other) => actualMetric(route, other.metric ?? 0)))
    let { metric } = route
    while (taken.has(actualMetric(route, metric))) metric = actualMetric(route, metric) + 1
    const settled = { ...route, metric }
    missing.push(settled)
    return settled
  })
  return { routes, missing }
}

function isSameDestination({ dst, table }: ContainerRoute, shown: ShownRoute): boolean {
  if (shown.family !== dst.family) return false
  if ((shown.table ?? 'main') !== (table === undefined || table === MAIN ? 'main' : String(table)))
    return false
  const text = formatPrefix(dst)
  // `ip -j` omits the length of a single address.
  const single = text.replace(dst.family === 4 ? /\/32$/ : /\/128$/, '')
  return dst.length === 0 ? shown.dst === 'default' : shown.dst === text || shown.dst === single
}

const MAIN = 254

// An IPv6 route without a metric gets 1024 (ip-route(8)).
function actualMetric({ dst }: ContainerRoute, metric: number): number {
  return dst.family === 6 && metric === 0 ? 1024 : metric
}

function shownMetric(route: ContainerRoute, { metric = 0 }: ShownRoute): number {
  return metric === actualMetric(route, route.metric) ? route.metric : metric
}
