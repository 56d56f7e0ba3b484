import type { Prefix } from '../../addr/prefix.ts'
import type { RoutesFacts } from './routes.ts'

/** A routing table that the kernel looks into before the main one. */
export interface PolicyTable {
  /** As `ip` names it: "52". */
  readonly table: string
  /** Of the rule that leads there. */
  readonly priority: number
  /** Whose packets the rule is for; undefined: everybody's. */
  readonly source: Prefix | undefined
  /** Destinations for which an earlier rule leads to the main table after all. */
  readonly exempt: readonly Prefix[]
  readonly routes: RoutesFacts
}

export type PolicyTablesFacts = readonly PolicyTable[]
