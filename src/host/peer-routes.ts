// Which way the kernel sends what is for each peer: all there is to say of paths where no agent measures them.

import { formatIp } from '../addr/ip.ts'
import { formatPrefix } from '../addr/prefix.ts'
import type { Settings } from '../config/settings.ts'
import { type Way, wayTo } from '../route/way.ts'
import type { Identity } from './identity.ts'
import { loadPeers } from './peers.ts'
import { installedRoutes } from './routes.ts'

export interface PeerRoute {
  readonly name: string
  readonly overlay: readonly string[]
  readonly subnets: readonly string[]
  readonly installed: Way
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
    installed: wayTo(routes, subnets, settings.metrics),
  }))
  return { peers, refused }
}
