// Which way the kernel sends what is for each peer: all there is to say of paths where no agent measures them.

import { formatIp, type Ip } from '../addr/ip.ts'
import { formatPrefix } from '../addr/prefix.ts'
import type { Settings } from '../config/settings.ts'
import type { Route } from '../ip/route.ts'
import type { Identity } from './identity.ts'
import { loadPeers } from './peers.ts'
import { installedRoutes } from './routes.ts'

export interface PeerRoute {
  readonly name: string
  readonly overlay: readonly string[]
  readonly subnets: readonly string[]
  readonly installed: 'p2p' | 'gateway' | 'none'
}

export interface PeerRoutes {
  readonly peers: readonly PeerRoute[]
  readonly refused: readonly { readonly peer: string; readonly reason: string }[]
}

/** Reads the peers' certificates and the routes. @throws CniError */
export async function peerRoutes(settings: Settings, identity: Identity, now: Date): Promise<PeerRoutes> {
  const { accepted, refused } = loadPeers(settings, identity, Math.floor(now.getTime() / 1000))
  const routes = await installedRoutes()
  const peers = accepted.map(({ name, overlay, subnets }) => ({
    name,
    overlay: overlay.map(formatIp),
    subnets: subnets.map(formatPrefix),
    installed: wayOf(routes, subnets.map(formatPrefix), overlay),
  }))
  return { peers, refused }
}

// The kernel takes the route of lowest metric.
function wayOf(
  routes: readonly Route[],
  subnets: readonly string[],
  overlay: readonly Ip[],
): PeerRoute['installed'] {
  const [best] = routes
    .filter(({ kind, dst }) => kind === 'unicast' && subnets.includes(formatPrefix(dst)))
    .toSorted((a, b) => a.metric - b.metric)
  if (best?.via === undefined) return 'none'
  const via = formatIp(best.via)
  return overlay.some((ip) => formatIp(ip) === via) ? 'p2p' : 'gateway'
}
