// Returns the kernel's route to each peer, which is all that is known of paths without an agent.

import { unixSeconds } from '../../unix-time.ts'
import { formatIp } from '../../addr/ip.ts'
import { formatPrefix } from '../../addr/prefix.ts'
import type { Settings } from '../../config/settings.ts'
import { type Way, wayTo } from '../../route/way.ts'
import type { Identity } from '../identity/identity.ts'
import { loadPeers } from '../identity/peers.ts'
import { installedRoutes } from './routes.ts'

export interface PeerRoute {
  readonly name: string
  readonly overlay: readonly string[]
  readonly subnets: readonly string[]
  readonly installed: Way
}

interface PeerRoutes {
  readonly peers: readonly PeerRoute[]
  readonly refused: readonly { readonly peer: string; readonly reason: string }[]
}

/** Reads the peers' certificates and the routes. @throws CniError */
export async function peerRoutes(settings: Settings, identity: Identity, now: Date): Promise<PeerRoutes> {
  const { accepted, refused } = loadPeers(settings, identity, unixSeconds(now))
  const routes = await installedRoutes()
  const peers = accepted.map(({ name, overlay, subnets }) => ({
    name,
    overlay: overlay.map(formatIp),
    subnets: subnets.map(formatPrefix),
    installed: wayTo(routes, subnets, settings.metrics),
  }))
  return { peers, refused }
}
