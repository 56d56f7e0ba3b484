// What one item of `flatnet-cni check` is: data that says what is looked at and why, and one function that judges. The
// function is pure; what it judges was gathered by src/diagnose.

import type { Facts } from './facts.ts'

/** In the order of the report: what stands earlier is what later groups rest on. */
export const GROUPS = ['SYS', 'WSL', 'CERT', 'NEB', 'CNI', 'IPAM', 'AGENT', 'PATH', 'GW'] as const
export type Group = (typeof GROUPS)[number]

export type Verdict = 'ok' | 'warn' | 'fail' | 'skip'

/** What an item found about one subject. */
export interface Finding {
  readonly verdict: Verdict
  /** A peer, a file, a link; left out when the item is about the host as a whole. */
  readonly subject?: string
  /** One sentence: what was seen, with the figures. For `skip`: why it could not be seen or does not matter here. */
  readonly seen: string
  /** Ids of items that this one may follow from; the item's own `after` when left out. */
  readonly after?: readonly string[]
  /** What to type or to do, one step a line; the item's own `steps` when left out. */
  readonly next?: readonly string[]
}

/** A repair that is safe and can be undone; src/diagnose/fix knows how each kind is done. */
export interface Fix {
  readonly kind: string
  /** Whatever the kind needs to know. */
  readonly arguments: readonly string[]
  /** "set net.ipv4.ip_forward to 1" */
  readonly what: string
  /** The command that undoes it. */
  readonly undo: string
}

/** One item. Ids are never used again for another thing. */
export interface CheckItem<Needed extends keyof Facts = keyof Facts> {
  /** "CERT-003" */
  readonly id: string
  /** What is right when it is ok: "host certificate is signed by the CA". */
  readonly title: string
  /** One or two sentences: what breaks for containers when it is not. */
  readonly why: string
  /** How it usually comes about, one a line. */
  readonly causes: readonly string[]
  /** What to type or to do in general, one step a line; a finding may know better (`next`). */
  readonly steps: readonly string[]
  readonly needs: readonly Needed[]
  /** Looks at what only WSL 2 has: elsewhere it is skipped, whatever else could not be gathered. */
  readonly inWslOnly?: boolean
  /** Ids of items whose failure makes this one fail too: it is then folded under them. */
  readonly after?: readonly string[]
  /** Makes sense before anything is installed (`--pre`). */
  readonly pre?: boolean
  /** Judges. An empty list means that there was nothing to look at, which is a skip. */
  readonly judge: (facts: Pick<Facts, Needed>) => Finding | readonly Finding[]
  /** The repair for a finding that is not ok, where there is a safe one. */
  readonly fix?: (facts: Pick<Facts, Needed>, finding: Finding) => Fix | undefined
}

/** Keeps the types of `needs` and `judge` together. */
export function checkItem<const Needed extends keyof Facts>(item: CheckItem<Needed>): CheckItem {
  // An item asks only for what it names in `needs`, and that is what it is given.
  return item as unknown as CheckItem
}

/** The group of an item: what stands before the dash of its id. */
export function groupOf(id: string): Group {
  const group = GROUPS.find((each) => id.startsWith(`${each}-`))
  if (group === undefined) throw new TypeError(`${id} belongs to no group`)
  return group
}
