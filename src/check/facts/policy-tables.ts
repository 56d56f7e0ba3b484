import type { Prefix } from '../../addr/prefix.ts'
import type { RoutesFacts } from './routes.ts'

/** A routing table that the kernel consults before the main one. */
export interface PolicyTable {
  /** As `ip` names it: "52". */
  readonly table: string
  /** The priority of the rule that selects the table. */
  readonly priority: number
  /** The source addresses that the rule matches; undefined when it matches all. */
  readonly source: Prefix | undefined
  /** Destinations that an earlier rule sends to the main table. */
  readonly exempt: readonly Prefix[]
  readonly routes: RoutesFacts
}

export type PolicyTablesFacts = readonly PolicyTable[]
