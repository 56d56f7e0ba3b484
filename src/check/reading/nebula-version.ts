// Differences between versions of Nebula.

import { isAtLeast } from '../../program-version.ts'

/**
 * Tells whether a firewall rule without `local_cidr` also covers the containers' subnet. Before 1.10 it
 * covered everything; from 1.10 on it covers the overlay address only (firewall.go, default_local_cidr_any).
 */
export function isLocalCidrAny(version: string, setting: boolean | undefined): boolean {
  if (!isAtLeast(version, '1.9.0')) return true
  return setting ?? !isAtLeast(version, '1.10.0')
}
