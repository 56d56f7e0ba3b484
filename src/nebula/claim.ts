// Who else claims addresses of a subnet.

import { covers, type Prefix } from '../addr/prefix.ts'
import { comparePrefixes } from './prefix-order.ts'

/** A subnet and whoever says it is theirs; owners are compared by identity. */
export interface Claim<Owner> {
  readonly owner: Owner
  readonly subnet: Prefix
}

/**
 * Pairs of overlapping claims of different owners, the outer one first; every owner that overlaps another is in one.
 * Networks are disjoint or one inside the other, so in sorted order the open ones form a stack, and a thousand owners
 * are compared with their neighbours only.
 */
export function overlappingClaims<Owner>(claims: readonly Claim<Owner>[]): [Claim<Owner>, Claim<Owner>][] {
  const sorted = claims.toSorted((a, b) => comparePrefixes(a.subnet, b.subnet))
  const pairs: [Claim<Owner>, Claim<Owner>][] = []
  const open: Claim<Owner>[] = []
  for (const claim of sorted) {
    let outer = open.at(-1)
    while (outer !== undefined && !covers(outer.subnet, claim.subnet)) {
      open.pop()
      outer = open.at(-1)
    }
    const other = open.findLast(({ owner }) => owner !== claim.owner)
    if (other !== undefined) pairs.push([other, claim])
    open.push(claim)
  }
  return pairs
}
