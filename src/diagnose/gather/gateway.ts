// Gathers the gateway hops, and probes each on its link.

import { parseShown } from '../../ip/show.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import { formatIp, type Ip } from '../../addr/ip.ts'
import { formatPrefix } from '../../addr/prefix.ts'
import type { Facts } from '../../check/facts.ts'
import type { GatewayHopFacts } from '../../check/facts/gateway.ts'
import { ipShow } from '../../exec/network/ip.ts'
import { ping } from '../../exec/network/ping.ts'
import { parseShownRoutes } from '../../ip/shown-route.ts'
import { formatHop, type Hop } from '../../route/hop.ts'
import type { GatherContext } from '../context.ts'

export async function gatherGateway({ get }: GatherContext): Promise<Facts['gateway']> {
  const [{ gateway }, { overlay }, network] = await Promise.all([
    get('settings'),
    get('identity'),
    get('network'),
  ])
  // The peers folder may be empty on a host that learns its peers.
  const peers = await get('peers')
  const hops = await Promise.all([
    ...network.gateways.map((hop) => hopOf(hop, undefined)),
    ...[...network.peerGateways].map(([peer, hop]) => hopOf(hop, peer)),
  ])
  return {
    wanted: typeof gateway.via === 'string' ? gateway.via : formatIp(gateway.via),
    hops,
    refusedHops: network.refusedHops,
    otherTables: hops.length === 0 ? await defaultsOfOtherTables() : [],
    nebulaDev: network.nebulaDev,
    peers: peers.accepted.map((each) => ({ name: each.name, overlay: each.overlay.map(formatIp) })),
    overlay: overlay.map(formatPrefix),
  }
}

// The kernel gives up resolving an address after three requests, one second apart (arp(7), mcast_solicit).
// Until then the result is open.
const MOST_LOOKS = 8
const LOOK_AGAIN_MS = 500

// A missing echo reply means nothing (Windows sends none), but the request makes the kernel
// resolve the link address.
async function hopOf({ via, dev }: Hop, peer: string | undefined): Promise<GatewayHopFacts> {
  if (via === undefined) return { via, dev, peer, neighbour: undefined }
  const text = formatIp(via)
  await ping(via, 1, dev)
  let neighbour = await stateOf(via, dev)
  for (let left = MOST_LOOKS; neighbour === 'INCOMPLETE' && left > 0; left--) {
    await sleep(LOOK_AGAIN_MS)
    neighbour = await stateOf(via, dev)
  }
  return { via: text, dev, peer, neighbour }
}

async function stateOf(via: Ip, dev: string): Promise<string | undefined> {
  const shown = await ipShow([`-${String(via.family)}`, 'neighbour', 'show', 'to', formatIp(via), 'dev', dev])
  return parseShown<{ readonly state?: readonly string[] }>(shown)[0]?.state?.[0]
}

// Some hosts choose their default route by rules alone (ip-rule(8)), and their main table has none.
async function defaultsOfOtherTables(): Promise<readonly string[]> {
  const shown = await ipShow(['-4', 'route', 'show', 'table', 'all', 'default'])
  return parseShownRoutes(shown, 4).flatMap(({ type, via, dev, table }) => {
    if (type !== 'unicast' || dev === undefined || table === undefined) return []
    return [`${formatHop({ via, dev })} (table ${table})`]
  })
}
