// ip-route(8): routes as data, the commands that add and delete them, and the output of `ip -j route show`.

import { parseShown } from './show.ts'
import { formatIp, type Ip, parseIp } from '../addr/ip.ts'
import { formatPrefix, type Prefix, parsePrefix } from '../addr/prefix.ts'
import type { IpCommand } from './batch.ts'

/**
 * The protocol number that marks our routes in the kernel, so that no other route is ever touched. It is
 * unused in iproute2's rt_protos and in the kernel's rtnetlink.h; rtnetlink(7) leaves numbers above 4
 * (static) to user space.
 */
export const ROUTE_PROTOCOL = 77

/**
 * A routing table that no rule refers to. Its routes are for Nebula alone, which follows the routes of its
 * link in every table. The number is the agent's port, as wg-quick(8) does it.
 */
export const NEBULA_TABLE = 4280

/** One route. An unreachable route has neither `via` nor `dev`. */
export interface Route {
  readonly kind: 'unicast' | 'unreachable'
  readonly dst: Prefix
  readonly via?: Ip
  readonly dev?: string
  /** Treat the next hop as a neighbour even if no network of the link contains it. */
  readonly onLink?: true
  readonly metric: number
  /** The routing table; undefined means the main table. */
  readonly table?: number
  /** Preferred source address for packets from the host itself. */
  readonly src?: Ip
}

/**
 * Adds or replaces a route.
 * Equivalent to: `ip route replace [unreachable] DST [via IP] [dev DEV] metric N proto 77 [table T] [src IP]
 * [onlink]`
 */
export function routeReplace(route: Route): IpCommand {
  return [
    'route',
    'replace',
    ...selector(route),
    ...(route.src === undefined ? [] : ['src', formatIp(route.src)]),
    ...(route.onLink === undefined ? [] : ['onlink']),
  ]
}

/**
 * Deletes a route.
 * Equivalent to: `ip route delete [unreachable] DST [via IP] [dev DEV] metric N proto 77 [table T]`
 */
export function routeDelete(route: Route): IpCommand {
  return ['route', 'delete', ...selector(route)]
}

function selector(route: Route): string[] {
  return [
    ...(route.kind === 'unreachable' ? ['unreachable'] : []),
    formatPrefix(route.dst),
    ...viaOf(route),
    ...(route.dev === undefined ? [] : ['dev', route.dev]),
    'metric',
    String(route.metric),
    'proto',
    String(ROUTE_PROTOCOL),
    ...(route.table === undefined ? [] : ['table', String(route.table)]),
  ]
}

// ip-route(8), NH: a next hop of the other family needs its family in front.
function viaOf({ dst, via }: Route): string[] {
  if (via === undefined) return []
  return ['via', ...(via.family === dst.family ? [] : [`inet${via.family === 6 ? '6' : ''}`]), formatIp(via)]
}

/**
 * Returns a text for the route. Two routes have the same text exactly when the kernel can hold only one of
 * them.
 */
export function routeKey(route: Route): string {
  const via = route.via === undefined ? '-' : formatIp(route.via)
  return [
    route.kind,
    formatPrefix(route.dst),
    via,
    route.dev ?? '-',
    route.metric,
    route.table ?? 'main',
  ].join(' ')
}

// RTN_UNICAST and RTN_UNREACHABLE in rtnetlink(7); -N makes ip print numbers.
const UNICAST = '1'
const KINDS: ReadonlyMap<string, Route['kind']> = new Map([
  [UNICAST, 'unicast'],
  ['7', 'unreachable'],
])

/**
 * Parses `ip -j -N route show table all proto 77`. Skips entries of a shape that this program never
 * makes. They carry our number, but it is not safe to delete what we do not understand.
 */
export function parseRoutes(json: string): readonly Route[] {
  return parseShown<Record<string, unknown>>(json).flatMap((entry) => {
    const text = String(entry['dst'])
    const host = parseIp(text)
    const dst = host === undefined ? parsePrefix(text) : { ...host, length: host.family === 4 ? 32 : 128 }
    const kind = KINDS.get(typeof entry['type'] === 'string' ? entry['type'] : UNICAST)
    if (dst === undefined || kind === undefined) return []
    const via = parseIp(gatewayOf(entry))
    const src = typeof entry['prefsrc'] === 'string' ? parseIp(entry['prefsrc']) : undefined
    // ip-route(8) shows an unreachable IPv6 route on "lo", which the kernel assigns by itself.
    const dev = kind === 'unicast' && typeof entry['dev'] === 'string' ? entry['dev'] : undefined
    const route: Route = {
      kind,
      dst,
      metric: Number(entry['metric'] ?? 0),
      ...(entry['table'] === undefined ? {} : { table: Number(entry['table']) }),
      ...(via === undefined ? {} : { via }),
      ...(dev === undefined ? {} : { dev }),
      ...(Array.isArray(entry['flags']) && entry['flags'].includes('onlink') ? { onLink: true } : {}),
      ...(src === undefined ? {} : { src }),
    }
    return [route]
  })
}

// "gateway" has the route's own family, "via" the other one: {"family": "inet6", "host": "fe80::1"}.
function gatewayOf({ gateway, via }: Record<string, unknown>): string {
  const other = via as { readonly host?: unknown } | undefined
  return String(gateway ?? other?.host)
}
