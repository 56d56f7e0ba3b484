// The container networks in a host's certificate: its own, and for a gateway the pools.

import { formatPrefix } from '../../addr/prefix.ts'
import type { Assignment } from './ledger.ts'
import type { NetworkPlan } from './network-plan.ts'

/**
 * Returns the networks as texts. Nebula passes on a packet only if the certificates on both of its sides have
 * the address, so a gateway has the pools. Its own subnet is the one inside them
 * (nebula/hosts/host-subnet.ts).
 */
export function certificateSubnets(
  { families }: NetworkPlan,
  { subnets, gateway }: Pick<Assignment, 'subnets' | 'gateway'>,
): readonly string[] {
  return gateway ? [...subnets, ...families.map(({ pool }) => formatPrefix(pool))] : subnets
}
