// Brings the kernel's routes to what the peers' certificates ask for, and does next to nothing when they are so: with a
// thousand peers, verifying their certificates costs more than the rest of an ADD. <runDir>/routes.json keeps what the
// routes follow from.

import type { Settings } from '../config/settings.ts'
import { formatIp } from '../addr/ip.ts'
import { formatPrefix } from '../addr/prefix.ts'
import { ipBatch, ipShow } from '../exec/ip.ts'
import { parseRoutes, ROUTE_PROTOCOL, type Route } from '../ip/route.ts'
import type { Log } from '../log.ts'
import { diffRoutes } from '../route/diff.ts'
import { type Peer, planRoutes, type RouteInputs } from '../route/plan.ts'
import { takeRoutesOver } from '../state/agent-lease.ts'
import { readCache, writeCache } from '../state/cache.ts'
import {
  type FolderSnapshot,
  isUnchanged,
  learntFolder,
  snapshotFolder,
} from '../state/certificate-folder.ts'
import { fileStamp } from '../state/source-file.ts'
import type { Identity } from './identity.ts'
import type { HostNetwork } from './network.ts'
import { hasRemembered, rememberRoutes } from './remembered-routes.ts'

interface RoutesCache {
  readonly stamp: string
  readonly validUntil: number
  readonly peers: FolderSnapshot
}

/** All that the routes follow from. */
export interface RoutesContext {
  readonly settings: Settings
  readonly identity: Identity
  readonly network: HostNetwork
  /** Unix time in seconds. */
  readonly now: number
  readonly log: Log
}

/**
 * Makes the routes so, where no agent lives; adds before it deletes. @param fresh read every certificate again whatever the
 * caches say
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
  if (isCurrent && !fresh && hasRemembered(settings.runDir)) return
  // Before they are read: what changes meanwhile is seen the next time.
  const folder = snapshotFolder(settings.peers)
  const { loadPeers } = await import('./peers.ts')
  const peers = loadPeers(settings, identity, now)
  for (const { peer, reason } of peers.refused) log('warn', 'peer refused', { peer, error: reason })
  if (peers.ownRefused !== undefined) log('warn', 'own subnet disputed', { error: peers.ownRefused })
  const wanted = planRoutes(routeInputs(context, peers.accepted))
  await apply(wanted)
  rememberRoutes(settings.runDir, wanted)
  writeCache(path, { stamp, validUntil: peers.validUntil, peers: folder } satisfies RoutesCache)
}

/** What the routes to these peers follow from. */
export function routeInputs(
  { settings, network }: Pick<RoutesContext, 'settings' | 'network'>,
  peers: readonly Peer[],
): RouteInputs {
  const { bridgeAddresses: sources, nebulaDev, gateways, peerGateways } = network
  const { pools, metrics } = settings
  return { pools, peers, sources, nebulaDev, gateways, peerGateways, metrics }
}

/** Our own routes that the kernel has now, both families and all tables. */
export async function installedRoutes(): Promise<readonly Route[]> {
  // -N: a table by its number, whatever rt_tables calls it.
  const show = ['-N', 'route', 'show', 'table', 'all', 'proto', String(ROUTE_PROTOCOL)]
  const texts = await Promise.all([ipShow(show), ipShow(['-6', ...show])])
  return texts.flatMap((text) => parseRoutes(text ?? ''))
}

// Two ADDs may settle the same difference: what the other one has deleted is gone already and the batch stops there, so
// the second look decides.
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
    // The agent renames files into this folder and writes none in place: its own stamp says all.
    fileStamp(learntFolder(settings.dataDir)),
    network.nebulaDev ?? 'no nebula',
    ...network.bridgeAddresses.map(formatPrefix),
    ...settings.pools.map(formatPrefix),
    ...hops.map(({ via, dev }) => `${formatIp(via)} ${dev}`),
    ...settings.peerGateways.keys(),
    settings.metrics.p2p,
    settings.metrics.gateway,
  ].join('\n')
}
