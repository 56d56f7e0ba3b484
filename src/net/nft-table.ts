// The place of all our nft objects: one table per family. Families ip and ip6 only, no fib, no bridge family,
// because WSL2 kernels are built without them.

import type { Family } from '../addr/ip.ts'

/** The table that holds all our objects, once per family. */
export const TABLE = 'flatnet'

/** Returns nft's name for a family. */
export function familyName(family: Family): 'ip' | 'ip6' {
  return family === 4 ? 'ip' : 'ip6'
}
