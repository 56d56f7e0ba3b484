// How long a host's containers stay known after its agent fell silent. Counted in ticks of this agent's own
// timer, so no lease runs while the agent itself is stopped.

import type { ProbePace } from '../config/agent-settings.ts'

/** The time between two ticks. */
export const TICK_MS = 1000

/** The shortest lease. */
const LEAST_LEASE_MS = 15_000

/** An idle host is heard once per interval; so many may be missed. */
const PROBES_MISSED = 4

/** Returns the number of silent ticks after which a lease ends. */
export function leaseTicks({ idleMs, gatewayMs }: Pick<ProbePace, 'idleMs' | 'gatewayMs'>): number {
  const leaseMs = Math.max(LEAST_LEASE_MS, PROBES_MISSED * Math.min(idleMs, gatewayMs))
  return Math.ceil(leaseMs / TICK_MS)
}

/** A host's lease. */
export interface Lease {
  /** The moment at which its agent was heard last, in monotonic milliseconds. */
  readonly heardAt: number
  /** Ticks since then. */
  readonly silentTicks: number
}

export function newLease(heardAt: number): Lease {
  return { heardAt, silentTicks: 0 }
}

/** Counts one tick. `heardAt` is when the agent was heard last, by now. */
export function tickLease(lease: Lease, heardAt: number): Lease {
  return heardAt > lease.heardAt ? newLease(heardAt) : { ...lease, silentTicks: lease.silentTicks + 1 }
}
