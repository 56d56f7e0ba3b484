// The sort order of networks in nebula-cert.

import type { Prefix } from '../../addr/prefix.ts'

/**
 * Orders by family (IPv4 first), then address, then length (shorter first), like Go's netip.Prefix.Compare.
 * Returns a negative number, zero or a positive number.
 */
export function comparePrefixes(a: Prefix, b: Prefix): number {
  if (a.family !== b.family) return a.family - b.family
  if (a.value !== b.value) return a.value < b.value ? -1 : 1
  return a.length - b.length
}
