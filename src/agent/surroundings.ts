// What is true for all peers, out of the world. Pure.

import { MOST_BYTES } from '../probe/packet.ts'
import type { Surroundings } from './engine.ts'
import type { AgentPeer } from './peer.ts'
import type { World } from './world.ts'

/** @param session this run of the agent */
export function surroundingsOf(world: World, session: string): Omit<Surroundings, 'isBusy'> {
  return {
    settings: world.agent,
    session,
    wireName: world.wireName,
    linkUp: world.network.nebulaDev !== undefined,
    hasGateway: (peer) => hasGateway(world, peer),
    // A probe that fills the MTU; what is larger than an Ethernet frame is not probed to its end.
    mtuBytes: Math.min(world.network.mtuBytes, MOST_BYTES),
  }
}

function hasGateway({ network }: World, { contact }: AgentPeer): boolean {
  const family = contact.ends.get('gateway')?.to.includes(':') === true ? 6 : 4
  const isOfFamily = ({ via }: { readonly via: { readonly family: number } }): boolean =>
    via.family === family
  return network.gateways.some(isOfFamily) || network.peerGateways.has(contact.id)
}
