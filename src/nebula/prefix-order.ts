// The order in which nebula-cert sorts networks.

import type { Prefix } from '../addr/prefix.ts'

/** Negative, zero or positive: IPv4 first, then by address, then the shorter prefix (Go's netip.Prefix.Compare). */
export function comparePrefixes(a: Prefix, b: Prefix): number {
  if (a.family !== b.family) return a.family - b.family
  if (a.value !== b.value) return a.value < b.value ? -1 : 1
  return a.length - b.length
}
