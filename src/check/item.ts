// The shape of one item of `flatnet-cni check`: data that says what is examined and why, and one function
// that judges. The function is pure: src/diagnose gathers what it judges.

import type { Facts } from './facts.ts'

/** In report order: later groups depend on earlier ones. */
export const GROUPS = ['SYS', 'WSL', 'CERT', 'NEB', 'CNI', 'IPAM', 'AGENT', 'PATH', 'GW', 'HTTP'] as const
export type Group = (typeof GROUPS)[number]

export type Verdict = 'ok' | 'warn' | 'fail' | 'skip'

/** An item's result for one subject. */
export interface Finding {
  readonly verdict: Verdict
  /** The headline where the item's `fault` does not fit this finding: "CA expires soon". */
  readonly fault?: string
  /** A peer, a file or a link; absent when the item concerns the host as a whole. */
  readonly subject?: string
  /**
   * One sentence with the observation and its figures. For `skip`: why there was nothing to see, or why it
   * does not matter here.
   */
  readonly seen: string
  /** Ids of items that this finding may follow from; defaults to the item's own `after`. */
  readonly after?: readonly string[]
  /** Commands or actions, one step per line; defaults to the item's own `steps`. */
  readonly next?: readonly string[]
}

/** A safe and reversible repair. src/diagnose/fix knows how to perform each kind. */
export interface Fix {
  readonly kind: string
  /** The arguments that this kind of repair takes. */
  readonly arguments: readonly string[]
  /** "set net.ipv4.ip_forward to 1" */
  readonly what: string
  /** The command that undoes it. */
  readonly undo: string
}

/** One item. Ids are never reused for another item. */
export interface CheckItem<Needed extends keyof Facts = keyof Facts> {
  /** "CERT-003" */
  readonly id: string
  /** The condition that holds when the item is ok: "host certificate is signed by the CA". */
  readonly title: string
  /** The headline when it is not ok: "host certificate is not signed by a known CA". */
  readonly fault: string
  /** One or two sentences: what breaks for containers when the condition does not hold. */
  readonly why: string
  /** Usual causes, one per line. */
  readonly causes: readonly string[]
  /** General commands or actions, one step per line; a finding may have more specific ones (`next`). */
  readonly steps: readonly string[]
  readonly needs: readonly Needed[]
  /**
   * Examines something that only WSL 2 has. Elsewhere the item is skipped, even if its facts are unavailable.
   */
  readonly inWslOnly?: boolean
  /** Ids of items whose failure makes this one fail too. This item is then folded under them. */
  readonly after?: readonly string[]
  /** Makes sense before anything is installed (`--pre`). */
  readonly pre?: boolean
  /** Judges the facts. An empty list means that there was nothing to examine, and counts as a skip. */
  readonly judge: (facts: Pick<Facts, Needed>) => Finding | readonly Finding[]
  /** Returns the repair for a finding that is not ok, where a safe one exists. */
  readonly fix?: (facts: Pick<Facts, Needed>, finding: Finding) => Fix | undefined
}

/** Ties the types of `needs` and `judge` together. */
export function checkItem<const Needed extends keyof Facts>(item: CheckItem<Needed>): CheckItem {
  // An item reads only the facts named in `needs`, and receives exactly those.
  return item as unknown as CheckItem
}

/** Returns the group of an item: the part of its id before the dash. */
export function groupOf(id: string): Group {
  const group = GROUPS.find((each) => id.startsWith(`${each}-`))
  if (group === undefined) throw new TypeError(`${id} belongs to no group`)
  return group
}
