// Which hosts the drawing shows one by one. A large office has more than fit, so those whose path needs a
// look come first, and the rest of each state becomes one node.

import type { OfficeHost, OfficePath } from '../office.ts'

/** Hosts that share a path's state and one node. */
export interface Crowd {
  readonly path: OfficePath
  readonly count: number
}

const URGENCY: readonly OfficePath[] = ['silent', 'gateway', 'p2p']

/**
 * Chooses what gets a node of its own.
 * @param most nodes that fit, at least as many as there are states
 * @returns single hosts in the order they came in, and what is left of each state
 */
export function chooseDrawn(
  hosts: readonly OfficeHost[],
  most: number,
): { readonly single: readonly OfficeHost[]; readonly crowds: readonly Crowd[] } {
  if (hosts.length <= most) return { single: hosts, crowds: [] }
  const urgent = URGENCY.flatMap((path) => hosts.filter((host) => host.path === path))
  const chosen = new Set(urgent.slice(0, most - URGENCY.length))
  const crowds = URGENCY.map((path) => ({
    path,
    count: hosts.filter((host) => host.path === path && !chosen.has(host)).length,
  }))
  return {
    single: hosts.filter((host) => chosen.has(host)),
    crowds: crowds.filter(({ count }) => count > 0),
  }
}
