// Where everything of ours lies in nft: one table per family. Families ip and ip6 only, no fib, no bridge family: WSL2 kernels
// are built without them.

import type { Family } from '../addr/ip.ts'

/** The table that holds everything of ours, once per family. */
export const TABLE = 'flatnet'

/** nft's name of a family. */
export function familyName(family: Family): 'ip' | 'ip6' {
  return family === 4 ? 'ip' : 'ip6'
}
