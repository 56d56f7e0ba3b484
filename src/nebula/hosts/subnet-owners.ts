// Assigns subnets to those that want them. The first in the list wins.

import { bitsOf } from '../../addr/ip.ts'
import { networkOf, type Prefix } from '../../addr/prefix.ts'

/** A candidate with all its subnets, which may overlap each other. Owners are compared by identity. */
export interface Candidate<Owner> {
  readonly owner: Owner
  readonly subnets: readonly Prefix[]
}

/** The reason why a candidate got no subnet. */
interface Loss<Owner> {
  readonly subnet: Prefix
  readonly winner: Owner
  readonly taken: Prefix
}

/**
 * Grants subnets in order. A candidate gets all of its subnets, or none if one of them overlaps a subnet
 * granted before. A refused candidate does not block later ones. Returns the losers, each with the
 * overlap that decided.
 */
export function grantSubnets<Owner>(candidates: readonly Candidate<Owner>[]): Map<Owner, Loss<Owner>> {
  // Two networks are either disjoint or nested. So an overlap exists if one of this subnet's enclosing
  // networks was granted, or if this subnet encloses a granted one. Only the prefix lengths that occur are
  // tried.
  const lengths = [...new Set(candidates.flatMap(({ subnets }) => subnets.map(({ length }) => length)))]
  const granted = new Map<string, { winner: Owner; taken: Prefix }>()
  const around = new Map<string, { winner: Owner; taken: Prefix }>()
  const lost = new Map<Owner, Loss<Owner>>()
  for (const { owner, subnets } of candidates) {
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
