// What is true for all peers, out of the world. Pure.

import { formatIp } from '../addr/ip.ts'
import { MOST_BYTES } from '../probe/packet.ts'
import type { Surroundings } from './engine.ts'
import type { AgentPeer } from './peer.ts'
import type { World } from './world.ts'

export function surroundingsOf(
  world: Pick<World, 'agent' | 'wireName' | 'network' | 'lastHops'>,
): Omit<Surroundings, 'isBusy'> {
  return {
    settings: world.agent,
    wireName: world.wireName,
    linkUp: world.network.nebulaDev !== undefined,
    hasGateway: (peer) => hasGateway(world, peer),
    // A probe that fills the MTU; what is larger than an Ethernet frame is not probed to its end.
    mtuBytes: Math.min(world.network.mtuBytes, MOST_BYTES),
  }
}

// As route/plan.ts chooses the hop: by any of the peer's overlay addresses, of the family of the probes.
function hasGateway(
  { network, lastHops }: Pick<World, 'network' | 'lastHops'>,
  { contact }: AgentPeer,
): boolean {
  const family = contact.ends.get('gateway')?.to.includes(':') === true ? 6 : 4
  // Asked with each look at each peer, and hardly anybody has these.
  const own =
    network.peerGateways.size === 0
      ? []
      : contact.facts.overlay.flatMap((ip) => network.peerGateways.get(formatIp(ip)) ?? [])
  return [...own, ...network.gateways, ...lastHops].some(({ via }) => via.family === family)
}
