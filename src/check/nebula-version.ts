// What is known of Nebula's versions.

import { isAtLeast } from './version.ts'

/**
 * Whether a firewall rule without `local_cidr` is for the containers' subnet too: of old it was for everything, from 1.10 on
 * for the overlay address alone (firewall.go, default_local_cidr_any).
 */
export function isLocalCidrAny(version: string, setting: boolean | undefined): boolean {
  if (!isAtLeast(version, '1.9.0')) return true
  return setting ?? !isAtLeast(version, '1.10.0')
}
