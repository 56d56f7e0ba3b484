// Brings the kernel's routes to what the peers' certificates ask for, and does next to nothing when they are so.
//
// With a thousand peers, verifying their certificates costs more than the rest of an ADD. What they lead to is kept in
// <runDir>/routes.json together with a stamp of everything it follows from; while the stamp holds, one look at
// /proc/net/route tells whether the kernel still has every route, and nothing else is read or run.

import type { Settings } from '../config/settings.ts'
import { formatIp } from '../addr/ip.ts'
import { formatPrefix } from '../addr/prefix.ts'
import { ipBatch, ipShow } from '../exec/ip.ts'
import { readProcRoutes } from '../exec/proc.ts'
import { procKey, procKeys } from '../ip/proc-route.ts'
import { parseRoutes, ROUTE_PROTOCOL, type Route } from '../ip/route.ts'
import type { Log } from '../log.ts'
import { diffRoutes } from '../route/diff.ts'
import { planRoutes } from '../route/plan.ts'
import { readCache, writeCache } from '../state/cache.ts'
import { fileStamp, listCertificates } from '../state/source-file.ts'
import type { Identity } from './identity.ts'
import type { HostNetwork } from './network.ts'

interface RoutesCache {
  readonly stamp: string
  readonly validUntil: number
  readonly keys: readonly string[]
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

/** Makes the routes so; adds before it deletes. @throws CniError */
export async function syncRoutes(context: RoutesContext): Promise<void> {
  const path = `${context.settings.runDir}/routes.json`
  const stamp = inputStamp(context)
  const cache = readCache(path) as RoutesCache | undefined
  if (cache?.stamp === stamp && context.now < cache.validUntil && kernelHas(cache.keys)) return
  const { loadPeers } = await import('./peers.ts')
  const peers = loadPeers(context.settings, context.identity, context.now)
  for (const { peer, reason } of peers.refused) context.log('warn', 'peer refused', { peer, error: reason })
  const wanted = planRoutes({
    pools: context.settings.pools,
    peers: peers.accepted,
    sources: context.network.bridgeAddresses,
    nebulaDev: context.network.nebulaDev,
    gateways: context.network.gateways,
    peerGateways: context.network.peerGateways,
    metrics: context.settings.metrics,
  })
  await apply(wanted)
  const keys = wanted.map(procKey)
  writeCache(path, { stamp, validUntil: peers.validUntil, keys } satisfies RoutesCache)
}

/** Our own routes that the kernel has now, both families. */
export async function installedRoutes(): Promise<readonly Route[]> {
  const show = ['route', 'show', 'proto', String(ROUTE_PROTOCOL)]
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

function kernelHas(keys: readonly string[]): boolean {
  const present = ([4, 6] as const).map((family) => procKeys(readProcRoutes(family), family))
  return keys.every((key) => present.some((known) => known.has(key)))
}

function inputStamp({ settings, identity, network }: RoutesContext): string {
  const hops = [...network.gateways, ...network.peerGateways.values()]
  const files = listCertificates(settings.peers).map(
    (name) => `${name} ${fileStamp(`${settings.peers}/${name}`)}`,
  )
  return [
    'v1',
    identity.fingerprint,
    fileStamp(settings.nebula.ca),
    network.nebulaDev ?? 'no nebula',
    ...network.bridgeAddresses.map(formatPrefix),
    ...settings.pools.map(formatPrefix),
    ...hops.map(({ via, dev }) => `${formatIp(via)} ${dev}`),
    ...settings.peerGateways.keys(),
    settings.metrics.p2p,
    settings.metrics.gateway,
    ...files,
  ].join('\n')
}
