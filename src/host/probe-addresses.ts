// The two addresses per host subnet that the agent probes from. They stand on the bridge, where Nebula's local_allow_list
// hides them from other hosts, each as a network of its own, so that they bring no route along.
//
//   <runDir>/probe-addresses.json   what was put there, so that a certificate signed again leaves nothing behind

import { formatPrefix, hostPrefix, type Prefix, parsePrefix, without } from '../addr/prefix.ts'
import { probeAddresses } from '../addr/range.ts'
import type { Settings } from '../config/settings.ts'
import { ipBatch, ipBatchAnyway } from '../exec/ip.ts'
import { addressDelete, addressReplaceUnchosen } from '../ip/address.ts'
import { readCache, writeCache } from '../state/cache.ts'

/**
 * Puts the probes' addresses of these subnets on the bridge, which has to be there, and takes away those of earlier ones.
 * @throws CniError CommandRefused
 */
export async function ensureProbeAddresses(settings: Settings, subnets: readonly Prefix[]): Promise<void> {
  const { bridge } = settings
  const wanted = subnets.flatMap(addressesOf)
  await ipBatch(wanted.map((address) => addressReplaceUnchosen(address, bridge)))
  const earlier = without(remembered(settings), wanted)
  await ipBatchAnyway(earlier.map((address) => addressDelete(address, bridge)))
  writeCache(pathOf(settings), wanted.map(formatPrefix))
}

/** Takes away what {@link ensureProbeAddresses} put there; content when it is gone. */
export async function removeProbeAddresses(settings: Settings): Promise<void> {
  await ipBatchAnyway(remembered(settings).map((address) => addressDelete(address, settings.bridge)))
  writeCache(pathOf(settings), [])
}

function addressesOf(subnet: Prefix): readonly Prefix[] {
  const probes = probeAddresses(subnet)
  return probes === undefined ? [] : [probes.p2p, probes.gateway].map(hostPrefix)
}

// Any JSON can stand in a damaged file.
function remembered(settings: Settings): readonly Prefix[] {
  const texts = readCache(pathOf(settings))
  return Array.isArray(texts) ? texts.flatMap((text) => parsePrefix(String(text)) ?? []) : []
}

function pathOf({ runDir }: Settings): string {
  return `${runDir}/probe-addresses.json`
}
