// Questions to the kernel's routing table: where is the gateway, which link leads to an address.

import { bitsOf, type Family, type Ip } from '../addr/ip.ts'
import { contains, covers, type Prefix } from '../addr/prefix.ts'
import type { ProcRoute } from '../ip/proc-route.ts'
import type { Hop } from './plan.ts'

/** The default route's next hop of lowest metric, leaving out the links in `not` (our bridge, the nebula link). */
export function defaultHop(
  routes: readonly ProcRoute[],
  family: Family,
  not: readonly string[],
): Hop | undefined {
  const [best] = routes
    .filter(
      ({ dst, via, reject }) => dst.family === family && dst.length === 0 && via !== undefined && !reject,
    )
    .filter(({ dev }) => !not.includes(dev))
    .toSorted((a, b) => a.metric - b.metric)
  return best?.via === undefined ? undefined : { via: best.via, dev: best.dev }
}

/** The link on which `ip` is a neighbour: the longest connected prefix that holds it. */
export function neighbourLink(routes: readonly ProcRoute[], ip: Ip): string | undefined {
  const [best] = routes
    .filter(({ dst, via, reject }) => via === undefined && !reject && dst.length > 0 && contains(dst, ip))
    .toSorted((a, b) => b.dst.length - a.dst.length || a.metric - b.metric)
  return best?.dev
}

/** The connected networks of a link that are a part of one of the pools. */
export function subnetsOnLink(
  routes: readonly ProcRoute[],
  link: string,
  pools: readonly Prefix[],
): readonly Prefix[] {
  return routes
    .filter(({ dev, via, reject }) => dev === link && via === undefined && !reject)
    .map(({ dst }) => dst)
    .filter((dst) => dst.length < bitsOf(dst.family) && pools.some((pool) => covers(pool, dst)))
}

/** The links that have exactly this connected network. */
export function linksOfNetwork(routes: readonly ProcRoute[], network: Prefix): readonly string[] {
  const same = ({ dst, via, reject }: ProcRoute) =>
    via === undefined &&
    !reject &&
    dst.family === network.family &&
    dst.length === network.length &&
    dst.value === network.value
  return [...new Set(routes.filter(same).map(({ dev }) => dev))]
}
