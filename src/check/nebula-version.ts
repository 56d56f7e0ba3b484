// Nebula's versions: which are older, and what of them is known.

/** Whether `version` is `least` or newer; both "1.10.2". What is no such text counts as old. */
export function isAtLeast(version: string, least: string): boolean {
  const [have, want] = [numbers(version), numbers(least)]
  for (const [index, part] of want.entries()) {
    const own = have[index] ?? 0
    if (own !== part) return own > part
  }
  return true
}

/**
 * Whether a firewall rule without `local_cidr` is for the containers' subnet too: of old it was for everything, from 1.10 on
 * for the overlay address alone (firewall.go, default_local_cidr_any).
 */
export function isLocalCidrAny(version: string, setting: boolean | undefined): boolean {
  if (!isAtLeast(version, '1.9.0')) return true
  return setting ?? !isAtLeast(version, '1.10.0')
}

function numbers(version: string): readonly number[] {
  return version.split('.').map((part) => Number.parseInt(part, 10) || 0)
}
