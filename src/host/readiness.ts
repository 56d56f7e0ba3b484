// Whether this host could serve an ADD now, found out without changing anything: for STATUS.

import { formatPrefix, networkOf } from '../addr/prefix.ts'
import { CniCode, CniError } from '../cni/error.ts'
import type { Settings } from '../config/settings.ts'
import type { JsonObject } from '../config/shape.ts'
import { ipShow } from '../exec/ip.ts'
import { nftCheck } from '../exec/nft.ts'
import { refuseRootless } from '../exec/proc.ts'
import type { Log } from '../log.ts'
import { renderRuleset } from '../net/ruleset.ts'
import { linksOfNetwork } from '../route/lookup.ts'
import { isExhausted } from '../state/sweep.ts'
import { type Identity, loadIdentity } from './identity.ts'
import { findNetwork, type HostNetwork, kernelRoutes } from './network.ts'
import { loadSettings } from './settings.ts'

/** What STATUS asks. `links`: also for what the links, routes and rules of an attachment need. */
export interface ReadinessOptions {
  /** The settings keys of the network configuration. */
  readonly own: JsonObject
  readonly now: Date
  readonly log: Log
  readonly links: boolean
}

/**
 * Returns when all is well. Collects every reason otherwise.
 * @throws CniError PluginUnavailable (50) when an ADD would fail, LimitedConnectivity (51) when it would work and other
 * hosts are not reached through Nebula
 */
export async function requireReady({ own, now, log, links }: ReadinessOptions): Promise<void> {
  const obstacles: string[] = []
  const attempt = async <T>(action: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await action()
    } catch (error) {
      if (!(error instanceof CniError)) throw error
      obstacles.push(`${error.message}: ${error.details}`)
      return undefined
    }
  }
  await attempt(refuseRootless)
  const settings = await attempt(() => loadSettings(own))
  const seconds = Math.floor(now.getTime() / 1000)
  const identity = settings && (await attempt(() => loadIdentity(settings, seconds)))
  if (settings && identity) {
    await attempt(() => requireRoom(settings, identity))
    if (links) await attempt(() => requireRules(settings, identity))
  }
  if (links) await attempt(requireIp)
  if (obstacles.length > 0) throw unready(CniCode.PluginUnavailable, 'cannot serve ADD', obstacles)
  if (!links || !settings || !identity) return

  const network = await attempt(() => findNetwork(settings, identity, kernelRoutes()))
  if (network === undefined) throw unready(CniCode.PluginUnavailable, 'cannot serve ADD', obstacles)
  for (const subnet of network.earlierSubnets.map(formatPrefix)) {
    log('warn', 'earlier subnet still on the bridge', { dev: settings.bridge, address: subnet })
  }
  const problem = await nebulaProblem(settings, identity, network)
  if (problem !== undefined) throw unready(CniCode.LimitedConnectivity, 'Nebula is down', [problem])
}

function requireRoom({ stateDir }: Settings, { subnets }: Identity): void {
  const full = subnets.filter((subnet) => isExhausted(stateDir, subnet))
  if (full.length === 0) return
  throw new CniError(
    CniCode.RangeExhausted,
    'range exhausted',
    `${full.map(formatPrefix).join(' and ')}: no address is left; remove containers, or sign a certificate with a larger host subnet`,
  )
}

// The kernel tries the very rules of an ADD and throws them away: that tells of every part of nf_tables it lacks.
async function requireRules(settings: Settings, { subnets, overlay }: Identity): Promise<void> {
  const { bridge, pools, ipMasq, isolation } = settings
  const unmasked = [...pools, ...overlay.map(networkOf)]
  await nftCheck(renderRuleset({ bridge, subnets, unmasked, ipMasq, isolation, local: [] }))
}

async function requireIp(): Promise<void> {
  await ipShow(['link', 'show', 'dev', 'lo'])
}

// A tun device without its process is there and has no carrier; one that is down has lost its routes.
async function nebulaProblem(
  { nebula }: Settings,
  { overlay }: Identity,
  { nebulaDev, gateways, peerGateways }: HostNetwork,
): Promise<string | undefined> {
  const rest =
    gateways.length + peerGateways.size > 0
      ? 'other hosts are reached by way of the gateway only'
      : 'containers of other hosts cannot be reached'
  const networks = overlay.map(networkOf).map(formatPrefix).join(' or ')
  if (nebulaDev === undefined) {
    const which =
      nebula.device === 'auto' ? `no link has the network ${networks}` : `no link ${nebula.device}`
    return `${which}; ${rest}; start Nebula`
  }
  const routes = kernelRoutes()
  const shown = await ipShow(['link', 'show', 'dev', nebulaDev])
  const [link] = JSON.parse(shown ?? '[]') as { flags?: string[] }[]
  const isUp = link?.flags?.includes('UP') === true && link.flags.includes('LOWER_UP')
  const isRouted = overlay.some((each) => linksOfNetwork(routes, networkOf(each)).includes(nebulaDev))
  if (isUp && isRouted) return undefined
  return `link ${nebulaDev} ${isUp ? `has no route to ${networks}` : 'is down'}; ${rest}; see whether Nebula runs`
}

function unready(code: CniCode, message: string, reasons: readonly string[]): CniError {
  return new CniError(code, message, reasons.join('\n'))
}
