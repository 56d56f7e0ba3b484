// Who of several claimants gets a subnet: the one who comes first in the list.

import { bitsOf } from '../addr/ip.ts'
import { networkOf, type Prefix } from '../addr/prefix.ts'

/** A claimant with all its subnets, which may overlap each other; owners are compared by identity. */
export interface Claim<Owner> {
  readonly owner: Owner
  readonly subnets: readonly Prefix[]
}

/** Why an owner gets nothing. */
export interface LostClaim<Owner> {
  readonly subnet: Prefix
  readonly winner: Owner
  readonly taken: Prefix
}

/**
 * Goes through the claims in their order and grants each, all its subnets together, unless one of them overlaps what was
 * granted before. Who loses takes nothing away from those behind. Result: the losers, with the overlap that decided.
 */
export function settleClaims<Owner>(claims: readonly Claim<Owner>[]): Map<Owner, LostClaim<Owner>> {
  // Networks are disjoint or one inside the other: an overlap is a granted subnet under the key of one of my outer
  // networks, or my own key among the outer networks of a granted one. Only lengths that occur are looked at.
  const lengths = [...new Set(claims.flatMap(({ subnets }) => subnets.map(({ length }) => length)))]
  const granted = new Map<string, { winner: Owner; taken: Prefix }>()
  const around = new Map<string, { winner: Owner; taken: Prefix }>()
  const lost = new Map<Owner, LostClaim<Owner>>()
  for (const { owner, subnets } of claims) {
    const outer = subnets.map((subnet) =>
      lengths.filter((length) => length <= subnet.length).map((length) => keyOf({ ...subnet, length })),
    )
    const conflict = subnets
      .map((subnet, index) => {
        const holder =
          outer[index]?.map((key) => granted.get(key)).find((each) => each !== undefined) ??
          around.get(keyOf(subnet))
        return holder && { subnet, ...holder }
      })
      .find((each) => each !== undefined)
    if (conflict !== undefined) {
      lost.set(owner, conflict)
      continue
    }
    for (const [index, taken] of subnets.entries()) {
      granted.set(keyOf(taken), { winner: owner, taken })
      for (const key of outer[index] ?? []) around.set(key, { winner: owner, taken })
    }
  }
  return lost
}

function keyOf(prefix: Prefix): string {
  const { family, value, length } = networkOf(prefix)
  return `${String(family)} ${String(value >> BigInt(bitsOf(family) - length))} ${String(length)}`
}
