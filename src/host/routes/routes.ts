// Brings the kernel's routes to what the peers' certificates ask for. Does next to nothing if they are so
// already, because with a thousand peers, verifying their certificates costs more than the rest of an ADD.
// <runDir>/routes.json stores what the routes follow from.

import type { Settings } from '../../config/settings.ts'
import { formatPrefix } from '../../addr/prefix.ts'
import { ipBatch, ipShow } from '../../exec/network/ip.ts'
import { parseRoutes, ROUTE_PROTOCOL, type Route } from '../../ip/route.ts'
import type { Log } from '../../log.ts'
import { diffRoutes } from '../../route/diff.ts'
import { formatHop } from '../../route/hop.ts'
import { type Peer, planRoutes, type RouteInputs } from '../../route/plan.ts'
import { takeRoutesOver } from '../../state/agent/heartbeat.ts'
import { readCache, writeCache } from '../../state/files/cache.ts'
import {
  type FolderSnapshot,
  isUnchanged,
  learntFolder,
  snapshotFolder,
} from '../../state/files/certificate-folder.ts'
import { fileStamp } from '../../state/files/source-file.ts'
import type { Identity } from '../identity/identity.ts'
import type { HostNetwork } from '../network/network.ts'
import { hasRemembered, rememberRoutes } from './remembered-routes.ts'

interface RoutesCache {
  readonly stamp: string
  readonly validUntil: number
  readonly peers: FolderSnapshot
}

/** What the routes follow from. */
export interface RoutesContext {
  readonly settings: Settings
  readonly identity: Identity
  readonly network: HostNetwork
  /** Unix time in seconds. */
  readonly now: number
  readonly log: Log
}

/**
 * Brings the routes up to date if no agent lives; adds before it deletes.
 * @param fresh read every certificate again and ignore the caches
 * @throws CniError
 */
export async function syncRoutes(context: RoutesContext, fresh: boolean): Promise<void> {
  const { settings, identity, now, log } = context
  takeRoutesOver(settings.runDir)
  const path = `${settings.runDir}/routes.json`
  const stamp = inputStamp(context)
  const cache = readCache(path) as RoutesCache | undefined
  const isCurrent =
    cache?.stamp === stamp && now < cache.validUntil && isUnchanged(settings.peers, cache.peers, now)
  if (isCurrent && !fresh && (await hasRemembered(settings.runDir, installedRoutes))) return
  // The snapshot precedes the reading, so the next call notices a change in between.
  const folder = snapshotFolder(settings.peers)
  const { loadPeers } = await import('../identity/peers.ts')
  const peers = loadPeers(settings, identity, now)
  for (const { peer, reason } of peers.refused) log('warn', 'peer refused', { peer, error: reason })
  if (peers.ownRefused !== undefined) log('warn', 'own subnet disputed', { error: peers.ownRefused })
  const wanted = planRoutes(routeInputs(context, peers.accepted))
  await apply(wanted)
  rememberRoutes(settings.runDir, wanted)
  writeCache(path, { stamp, validUntil: peers.validUntil, peers: folder } satisfies RoutesCache)
}

/** Returns what the routes to these peers follow from. */
export function routeInputs(
  { settings, network }: Pick<RoutesContext, 'settings' | 'network'>,
  peers: readonly Peer[],
): RouteInputs {
  const { bridgeAddresses: sources, nebulaDev, gateways, peerGateways } = network
  const { pools, metrics } = settings
  return { pools, peers, sources, nebulaDev, gateways, peerGateways, metrics }
}

/** Returns our own routes that the kernel has now, both families and all tables. */
export async function installedRoutes(): Promise<readonly Route[]> {
  // -N prints a table's number instead of its name in rt_tables. Without -4 or -6, "table all"
  // shows both families (iproute2 6.1).
  const show = ['-N', 'route', 'show', 'table', 'all', 'proto', String(ROUTE_PROTOCOL)]
  return parseRoutes((await ipShow(show)) ?? '')
}

// Two ADDs may apply the same difference. A route that the other one has deleted already stops the
// batch, so a second look decides.
async function apply(wanted: readonly Route[]): Promise<void> {
  for (let last = false; ; last = true) {
    const commands = diffRoutes(await installedRoutes(), wanted)
    if (commands.length === 0) return
    try {
      await ipBatch(commands)
      return
    } catch (error) {
      if (last) throw error
    }
  }
}

function inputStamp({ settings, identity, network }: RoutesContext): string {
  const hops = [...network.gateways, ...network.peerGateways.values()]
  return [
    'v3',
    identity.fingerprint,
    fileStamp(settings.nebula.ca),
    // The agent renames files into this folder and writes none in place, so the folder's own stamp suffices.
    fileStamp(learntFolder(settings.dataDir)),
    network.nebulaDev ?? 'no nebula',
    ...network.bridgeAddresses.map(formatPrefix),
    ...settings.pools.map(formatPrefix),
    ...hops.map(formatHop),
    ...settings.peerGateways.keys(),
    settings.metrics.p2p,
    settings.metrics.gateway,
  ].join('\n')
}
