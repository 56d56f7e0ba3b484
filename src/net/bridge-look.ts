// Checks whether the bridge is set up as planned, from the output of `ip -j address show dev BRIDGE`.

import { addressText, parseShownLink } from '../ip/show.ts'
import { formatPrefix, type Prefix } from '../addr/prefix.ts'
import type { BridgePlan } from './plan.ts'

/**
 * Returns whether {@link planBridge} and the probe addresses would change nothing.
 * @param shown undefined if the bridge does not exist
 * @param probes addresses that only the probes may use as a source
 */
export function isBridgeRight(
  shown: string | undefined,
  { addresses, promisc = false }: BridgePlan,
  probes: readonly Prefix[],
): boolean {
  const { flags = [], addr_info = [] } = parseShownLink(shown) ?? {}
  const present = new Map(addr_info.map((each) => [addressText(each), each.deprecated ?? false]))
  return (
    flags.includes('UP') &&
    (!promisc || flags.includes('PROMISC')) &&
    addresses.every((address) => present.get(formatPrefix(address)) === false) &&
    probes.every((address) => present.get(formatPrefix(address)) === (address.family === 6))
  )
}
