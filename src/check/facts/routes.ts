import type { Ip } from '../../addr/ip.ts'
import type { Prefix } from '../../addr/prefix.ts'

/** One route, whoever's. */
export interface RouteFacts {
  /** "unicast", "unreachable", "blackhole", … */
  readonly type: string
  /** 0.0.0.0/0 or ::/0 for the default route. */
  readonly dst: Prefix
  readonly via: Ip | undefined
  readonly dev: string | undefined
  readonly metric: number
  /** As `ip` names it: "kernel", "boot", "77" for ours. */
  readonly protocol: string
}

/** Those of the main table. */
export type RoutesFacts = readonly RouteFacts[]
