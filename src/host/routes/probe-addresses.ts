// The two addresses per host subnet that the agent probes from. They are on the bridge, where Nebula's
// local_allow_list hides them from other hosts. Each is a network of its own, so that it brings no route.
//
//   <runDir>/probe-addresses.json   the addresses in place, so that those of an earlier certificate can go

import { formatPrefix, hostPrefix, type Prefix, parsePrefix, without } from '../../addr/prefix.ts'
import { probeAddresses } from '../../addr/range.ts'
import type { Settings } from '../../config/settings.ts'
import { ipBatch, ipBatchAnyway } from '../../exec/network/ip.ts'
import { addressDelete, addressReplaceUnchosen } from '../../ip/address.ts'
import { readCache, writeCache } from '../../state/files/cache.ts'

/**
 * Puts the probe addresses of these subnets on the bridge, which must exist, and removes those of earlier
 * subnets.
 * @throws CniError CommandRefused
 */
export async function ensureProbeAddresses(settings: Settings, subnets: readonly Prefix[]): Promise<void> {
  const { bridge } = settings
  const wanted = probeNetworks(subnets)
  await ipBatch(wanted.map((address) => addressReplaceUnchosen(address, bridge)))
  const earlier = without(remembered(settings), wanted)
  await ipBatchAnyway(earlier.map((address) => addressDelete(address, bridge)))
  writeCache(pathOf(settings), wanted.map(formatPrefix))
}

/** Returns the addresses of probes to and from these subnets, each as a network of its own. */
export function probeNetworks(subnets: readonly Prefix[]): readonly Prefix[] {
  return subnets.flatMap(addressesOf)
}

/**
 * Returns whether the last call of {@link ensureProbeAddresses} was for these subnets, so
 * that no earlier address is left.
 */
export function isForSubnets(settings: Settings, subnets: readonly Prefix[]): boolean {
  const text = (addresses: readonly Prefix[]): string => addresses.map(formatPrefix).join(' ')
  return text(remembered(settings)) === text(probeNetworks(subnets))
}

function addressesOf(subnet: Prefix): readonly Prefix[] {
  const probes = probeAddresses(subnet)
  return probes === undefined ? [] : [probes.p2p, probes.gateway].map(hostPrefix)
}

// A damaged file may contain any JSON.
function remembered(settings: Settings): readonly Prefix[] {
  const texts = readCache(pathOf(settings))
  return Array.isArray(texts) ? texts.flatMap((text) => parsePrefix(String(text)) ?? []) : []
}

function pathOf({ runDir }: Settings): string {
  return `${runDir}/probe-addresses.json`
}
