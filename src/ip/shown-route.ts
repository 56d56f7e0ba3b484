// Routes in the output of `ip -j route show`, ours and others: ip-route(8).

import { parseShown } from './show.ts'
import { bitsOf, type Family, type Ip, parseIp } from '../addr/ip.ts'
import { type Prefix, parsePrefix } from '../addr/prefix.ts'

/** One next hop of a route. A route with several next hops becomes several of these. */
export interface ShownRoute {
  /** "unicast", "unreachable", "blackhole", … */
  readonly type: string
  /** 0.0.0.0/0 or ::/0 for the default route. */
  readonly dst: Prefix
  readonly via: Ip | undefined
  readonly dev: string | undefined
  readonly metric: number
  /** As `ip` names it: "kernel", "boot", or "77" for our routes. */
  readonly protocol: string
  readonly table: string | undefined
  /** "onlink", "dead", "linkdown". */
  readonly flags: readonly string[]
}

interface Way {
  readonly gateway?: string
  readonly via?: { readonly host?: string }
  readonly dev?: string
  readonly flags?: readonly string[]
}
interface Shown extends Way {
  readonly type?: string
  readonly dst?: string
  readonly metric?: number
  readonly protocol?: string
  readonly table?: string
  readonly nexthops?: readonly Way[]
}

/** Parses the JSON of one family. Returns nothing for empty `text`, which a missing table gives. */
export function parseShownRoutes(text: string | undefined, family: Family): readonly ShownRoute[] {
  return parseShown<Shown>(text).flatMap((shown) => {
    const dst = shown.dst === 'default' ? { family, value: 0n, length: 0 } : prefixOf(shown.dst ?? '')
    if (dst === undefined) return []
    const { type = 'unicast', metric = 0, protocol = '', table } = shown
    // A single next hop is part of the route itself.
    const ways = shown.nexthops ?? [shown]
    return ways.map((way) => ({
      type,
      dst,
      via: viaOf(way),
      dev: way.dev,
      metric,
      protocol,
      table,
      flags: way.flags ?? [],
    }))
  })
}

function viaOf({ gateway, via }: Way): Ip | undefined {
  const text = gateway ?? via?.host
  return text === undefined ? undefined : parseIp(text)
}

function prefixOf(text: string): Prefix | undefined {
  const ip = parseIp(text)
  return ip === undefined ? parsePrefix(text) : { ...ip, length: bitsOf(ip.family) }
}
