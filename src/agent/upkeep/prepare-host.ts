// Prepares the host for the agent: the bridge with the probe addresses, forwarding and rules,
// as each ADD does.

import { formatPrefix } from '../../addr/prefix.ts'
import { ipShow } from '../../exec/network/ip.ts'
import { readLinkIndex } from '../../kernel/proc.ts'
import { restoreBridge } from '../../host/bridge/bridge.ts'
import { hasRightTraits } from '../../host/bridge/bridge-traits.ts'
import { parseLinkDetails } from '../../ip/bridge-details.ts'
import { type Host, syncHost } from '../../host/host.ts'
import { requireIpv6 } from '../../host/network/ipv6.ts'
import { localAddresses } from '../../host/routes/kernel-routes.ts'
import { ensureProbeAddresses, isForSubnets, probeNetworks } from '../../host/routes/probe-addresses.ts'
import type { Log } from '../../log.ts'
import { isBridgeRight } from '../../net/bridge-look.ts'
import type { BridgePlan } from '../../net/plan.ts'
import { formatHop } from '../../route/hop.ts'
import { linkExists } from '../../kernel/presence.ts'
import type { World } from '../world/world.ts'

/**
 * Corrects bridge, addresses, kernel settings and rules. The route keeper handles routes. Does nothing on a
 * host without a container subnet.
 * @throws CniError
 */
export async function prepareHost(
  { settings, identity, network }: Pick<Host, 'settings' | 'identity' | 'network'>,
  now: number,
  log: Log,
): Promise<void> {
  if (identity.subnets.length === 0) return
  await requireIpv6(settings, identity, network)
  const { bridgeAddresses: addresses, mtuBytes } = network
  const bridge = { name: settings.bridge, addresses, mtuBytes, promisc: settings.promiscMode }
  // Writing an unchanged state costs two processes, and the kernel notifies all listeners,
  // including this agent.
  const probes = probeNetworks(identity.subnets)
  const shown = await look(bridge)
  const isRight =
    isForSubnets(settings, identity.subnets) &&
    isBridgeRight(shown, bridge, probes) &&
    (await hasRightTraits(bridge, parseLinkDetails(shown)))
  if (!isRight) {
    await restoreBridge(bridge, settings, log)
    await ensureProbeAddresses(settings, identity.subnets)
  }
  await syncHost({ settings, identity, network, bridge, now, log }, { exceptRoutes: true })
}

function look({ name }: BridgePlan): Promise<string | undefined> {
  return ipShow(['-details', 'address', 'show', 'dev', name])
}

/**
 * Returns a text that changes with what {@link prepareHost} depends on: links, hops, and this
 * host's own addresses.
 */
export async function hostSignature({ settings, identity, network }: World): Promise<string> {
  const { nebulaDev, gateways, peerGateways, mtuBytes } = network
  const hops = [...gateways, ...peerGateways.values()].map(formatHop)
  const families = [...new Set(identity.subnets.map(({ family }) => family))]
  const local = (await Promise.all(families.map(localAddresses))).flat().map(formatPrefix)
  const index = nebulaDev === undefined ? undefined : readLinkIndex(nebulaDev)
  return JSON.stringify([nebulaDev, index, mtuBytes, hops, linkExists(settings.bridge), local])
}
