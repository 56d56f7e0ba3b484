import type { Ip } from '../../addr/ip.ts'
import type { Prefix } from '../../addr/prefix.ts'

/** One route, of any origin. */
export interface RouteFacts {
  /** "unicast", "unreachable", "blackhole", … */
  readonly type: string
  /** 0.0.0.0/0 or ::/0 for the default route. */
  readonly dst: Prefix
  readonly via: Ip | undefined
  readonly dev: string | undefined
  readonly metric: number
  /** As `ip` names it: "kernel", "boot", or "77" for our routes. */
  readonly protocol: string
}

/** The routes of the main table. */
export type RoutesFacts = readonly RouteFacts[]
