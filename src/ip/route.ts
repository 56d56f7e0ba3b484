// ip-route(8): routes as data, the commands that make and remove them, and what `ip -j route show` says of them.

import { formatIp, type Ip, parseIp } from '../addr/ip.ts'
import { formatPrefix, type Prefix, parsePrefix } from '../addr/prefix.ts'
import type { IpCommand } from './batch.ts'

/**
 * The protocol number that marks our routes in the kernel, so that nobody else's is ever touched. Free in
 * iproute2's rt_protos and in the kernel's rtnetlink.h; rtnetlink(7) leaves numbers above 4 (static) to user space.
 */
export const ROUTE_PROTOCOL = 77

/**
 * A routing table that no rule leads to: what stands there is for Nebula alone, which follows the routes of its link in every
 * table. The number is the agent's port, as wg-quick(8) does it.
 */
export const NEBULA_TABLE = 4280

/** One route. An unreachable one has neither `via` nor `dev`. */
export interface Route {
  readonly kind: 'unicast' | 'unreachable'
  readonly dst: Prefix
  readonly via?: Ip
  readonly dev?: string
  readonly metric: number
  /** The routing table; undefined: the main one. */
  readonly table?: number
  /** Preferred source address of packets the host itself sends. */
  readonly src?: Ip
}

/** Equivalent to: `ip route replace [unreachable] DST [via IP] [dev DEV] metric N proto 77 [table T] [src IP]` */
export function routeReplace(route: Route): IpCommand {
  return [
    'route',
    'replace',
    ...selector(route),
    ...(route.src === undefined ? [] : ['src', formatIp(route.src)]),
  ]
}

/** Equivalent to: `ip route delete [unreachable] DST [via IP] [dev DEV] metric N proto 77 [table T]` */
export function routeDelete(route: Route): IpCommand {
  return ['route', 'delete', ...selector(route)]
}

function selector(route: Route): string[] {
  return [
    ...(route.kind === 'unreachable' ? ['unreachable'] : []),
    formatPrefix(route.dst),
    ...(route.via === undefined ? [] : ['via', formatIp(route.via)]),
    ...(route.dev === undefined ? [] : ['dev', route.dev]),
    'metric',
    String(route.metric),
    'proto',
    String(ROUTE_PROTOCOL),
    ...(route.table === undefined ? [] : ['table', String(route.table)]),
  ]
}

/** One text per route, equal exactly when the kernel would hold one of them only. */
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

// RTN_UNICAST and RTN_UNREACHABLE of rtnetlink(7); -N has ip print numbers.
const UNICAST = '1'
const KINDS: ReadonlyMap<string, Route['kind']> = new Map([
  [UNICAST, 'unicast'],
  ['7', 'unreachable'],
])

/**
 * Reads `ip -j -N [-6] route show table all proto 77`. Entries of a shape we never make are passed over: they carry our number
 * but are not ours to understand, and deleting what one does not understand helps nobody.
 */
export function parseRoutes(json: string): readonly Route[] {
  if (json.trim() === '') return []
  const entries = JSON.parse(json) as readonly Record<string, unknown>[]
  return entries.flatMap((entry) => {
    const text = String(entry['dst'])
    const host = parseIp(text)
    const dst = host === undefined ? parsePrefix(text) : { ...host, length: host.family === 4 ? 32 : 128 }
    const kind = KINDS.get(typeof entry['type'] === 'string' ? entry['type'] : UNICAST)
    if (dst === undefined || kind === undefined) return []
    const via = typeof entry['gateway'] === 'string' ? parseIp(entry['gateway']) : undefined
    const src = typeof entry['prefsrc'] === 'string' ? parseIp(entry['prefsrc']) : undefined
    // ip-route(8) shows an unreachable IPv6 route on "lo"; the kernel puts it there by itself.
    const dev = kind === 'unicast' && typeof entry['dev'] === 'string' ? entry['dev'] : undefined
    const route: Route = {
      kind,
      dst,
      metric: Number(entry['metric'] ?? 0),
      ...(entry['table'] === undefined ? {} : { table: Number(entry['table']) }),
      ...(via === undefined ? {} : { via }),
      ...(dev === undefined ? {} : { dev }),
      ...(src === undefined ? {} : { src }),
    }
    return [route]
  })
}
