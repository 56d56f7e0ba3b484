// The gateway hops, each asked for on its link.

import { formatIp } from '../../addr/ip.ts'
import { formatPrefix } from '../../addr/prefix.ts'
import type { Facts } from '../../check/facts.ts'
import type { GatewayHopFacts } from '../../check/facts/gateway.ts'
import { ipShow } from '../../exec/ip.ts'
import { ping } from '../../exec/ping.ts'
import type { Hop } from '../../route/plan.ts'
import type { GatherContext } from '../context.ts'

export async function gatherGateway({ get }: GatherContext): Promise<Facts['gateway']> {
  const [{ gateway }, { overlay }, network] = await Promise.all([
    get('settings'),
    get('identity'),
    get('network'),
  ])
  // The folder of peers may be empty on a host that learns them.
  const peers = await get('peers')
  const hops = await Promise.all([
    ...network.gateways.map((hop) => hopOf(hop, undefined)),
    ...[...network.peerGateways].map(([peer, hop]) => hopOf(hop, peer)),
  ])
  return {
    wanted: typeof gateway.via === 'string' ? gateway.via : formatIp(gateway.via),
    hops,
    refusedHops: network.refusedHops,
    nebulaDev: network.nebulaDev,
    peers: peers.accepted.map((each) => ({ name: each.name, overlay: each.overlay.map(formatIp) })),
    overlay: overlay.map(formatPrefix),
  }
}

// Whether it answers the echo says nothing (Windows does not), but the kernel has to find its link address for it.
async function hopOf({ via, dev }: Hop, peer: string | undefined): Promise<GatewayHopFacts> {
  const text = formatIp(via)
  await ping(via, 1)
  const shown = await ipShow([`-${String(via.family)}`, 'neighbour', 'show', 'to', text, 'dev', dev])
  const [entry] =
    shown === undefined || shown.trim() === '' ? [] : (JSON.parse(shown) as { state?: string[] }[])
  return { via: text, dev, peer, neighbour: entry?.state?.[0] }
}
