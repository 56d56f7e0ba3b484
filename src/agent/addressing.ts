// Makes the host itself ready for the agent: the bridge with the probes' addresses, forwarding and rules, as each ADD does.

import { formatIp } from '../addr/ip.ts'
import { formatPrefix } from '../addr/prefix.ts'
import { readLinkIndex } from '../exec/proc.ts'
import { putBridgeRight } from '../host/bridge.ts'
import { syncHost } from '../host/host.ts'
import { localAddresses } from '../host/network.ts'
import { ensureProbeAddresses } from '../host/probe-addresses.ts'
import type { Log } from '../log.ts'
import { linkExists } from '../state/liveness.ts'
import type { World } from './world.ts'

/**
 * Puts bridge, addresses, kernel settings and rules right; routes are the route keeper's. Nothing on a host without a
 * container subnet. @throws CniError
 */
export async function prepareHost(
  { settings, identity, network }: World,
  now: number,
  log: Log,
): Promise<void> {
  if (identity.subnets.length === 0) return
  const { bridgeAddresses: addresses, mtuBytes } = network
  const bridge = { name: settings.bridge, addresses, mtuBytes, promisc: settings.promiscMode }
  await putBridgeRight(bridge)
  await ensureProbeAddresses(settings, identity.subnets)
  await syncHost({ settings, identity, network, bridge, now, log }, { exceptRoutes: true })
}

/** A text that changes with what {@link prepareHost} depends on: links, hops, and this host's own addresses. */
export function hostSignature({ settings, identity, network }: World): string {
  const { nebulaDev, gateways, peerGateways, mtuBytes } = network
  const hops = [...gateways, ...peerGateways.values()].map(({ via, dev }) => `${formatIp(via)} ${dev}`)
  const families = [...new Set(identity.subnets.map(({ family }) => family))]
  const local = families.flatMap(localAddresses).map(formatPrefix)
  const index = nebulaDev === undefined ? undefined : readLinkIndex(nebulaDev)
  return JSON.stringify([nebulaDev, index, mtuBytes, hops, linkExists(settings.bridge), local])
}
