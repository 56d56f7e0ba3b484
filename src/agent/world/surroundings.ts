// Derives what is true for all peers from the world. Pure.

import { formatIp } from '../../addr/ip.ts'
import { MOST_BYTES } from '../../paths/probe/packet.ts'
import { hopFamily } from '../../route/hop.ts'
import type { Surroundings } from '../probing/scene.ts'
import type { AgentPeer } from '../peers/peer.ts'
import type { World } from './world.ts'

export function surroundingsOf(
  world: Pick<World, 'agent' | 'wireName' | 'network' | 'lastHops'>,
): Omit<Surroundings, 'isBusy'> {
  return {
    settings: world.agent,
    wireName: world.wireName,
    linkUp: world.network.nebulaDev !== undefined,
    hasGateway: (peer) => hasGateway(world, peer),
    // A probe that fills the MTU. Packets larger than an Ethernet frame are not probed.
    mtuBytes: Math.min(world.network.mtuBytes, MOST_BYTES),
  }
}

// Chooses the hop as route/plan.ts does: by any of the peer's overlay addresses, in the family of the probes.
function hasGateway(
  { network, lastHops }: Pick<World, 'network' | 'lastHops'>,
  { contact }: AgentPeer,
): boolean {
  const family = contact.ends.get('gateway')?.to.includes(':') === true ? 6 : 4
  // Runs with each look at each peer, and few hosts have such hops.
  const own =
    network.peerGateways.size === 0
      ? []
      : contact.facts.overlay.flatMap((ip) => network.peerGateways.get(formatIp(ip)) ?? [])
  return [...own, ...network.gateways, ...lastHops].some((hop) => hopFamily(hop) === family)
}
