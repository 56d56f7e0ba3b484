// Determines whether this host could serve an ADD now, without changing anything, for STATUS.

import { attempting } from './attempt.ts'
import { parseShownLink } from '../ip/show.ts'
import { unixSeconds } from '../unix-time.ts'
import { formatPrefix, networkOf } from '../addr/prefix.ts'
import { CniCode, CniError, errorText } from '../cni/error.ts'
import type { Settings } from '../config/settings.ts'
import type { JsonObject } from '../json.ts'
import { ipShow } from '../exec/network/ip.ts'
import { nftCheck } from '../exec/network/nft.ts'
import { refuseRootless } from '../kernel/proc.ts'
import type { Log } from '../log.ts'
import { renderRuleset } from '../net/ruleset.ts'
import { linksOfNetwork } from '../route/lookup.ts'
import { isExhausted } from '../state/addresses/claim-dead.ts'
import { whyNotWritable } from '../state/files/writable.ts'
import { requireIpv6 } from './network/ipv6.ts'
import { type Identity, loadIdentity } from './identity/identity.ts'
import { kernelRoutes } from './routes/kernel-routes.ts'
import { findNetwork, type HostNetwork } from './network/network.ts'
import { loadSettings } from './identity/settings.ts'

/** The scope of STATUS. `links`: include what the links, routes and rules of an attachment need. */
interface ReadinessOptions {
  /** The settings keys of the network configuration. */
  readonly own: JsonObject
  readonly now: Date
  readonly log: Log
  readonly links: boolean
}

/**
 * Returns if the host is ready. Otherwise throws with every reason.
 * @throws CniError PluginUnavailable (50) if an ADD would fail, LimitedConnectivity (51) if it would succeed
 * but Nebula reaches no other host
 */
export async function requireReady({ own, now, log, links }: ReadinessOptions): Promise<void> {
  const obstacles: string[] = []
  const attempt = attempting((error) => obstacles.push(errorText(error)))
  await attempt(refuseRootless)
  const settings = await attempt(() => loadSettings(own))
  const seconds = unixSeconds(now)
  const identity = settings && (await attempt(() => loadIdentity(settings, seconds)))
  if (settings) await attempt(() => requireWritable(settings))
  if (settings && identity) {
    await attempt(() => requireRoom(settings, identity))
    if (links) await attempt(() => requireRules(settings, identity))
  }
  if (links) await attempt(requireIp)
  if (obstacles.length > 0) throw unready(CniCode.PluginUnavailable, 'cannot serve ADD', obstacles)
  if (!links || !settings || !identity) return

  const network = await attempt(async () => findNetwork(settings, identity, await kernelRoutes()))
  if (network !== undefined) await attempt(() => requireIpv6(settings, identity, network))
  if (network === undefined || obstacles.length > 0)
    throw unready(CniCode.PluginUnavailable, 'cannot serve ADD', obstacles)
  for (const subnet of network.earlierSubnets.map(formatPrefix)) {
    log('warn', 'earlier subnet still on the bridge', { dev: settings.bridge, address: subnet })
  }
  const problem = await nebulaProblem(settings, identity, network)
  if (problem !== undefined) throw unready(CniCode.LimitedConnectivity, 'Nebula is down', [problem])
}

function requireWritable({ stateDir }: Settings): void {
  const why = whyNotWritable(stateDir)
  if (why === undefined) return
  throw new CniError(
    CniCode.IoFailure,
    'cannot write the state directory',
    `stateDir: ${why}; an ADD cannot keep its lease there: see flatnet-cni check --only SYS-015`,
  )
}

function requireRoom({ stateDir }: Settings, { subnets }: Identity): void {
  const full = subnets.filter((subnet) => isExhausted(stateDir, subnet))
  if (full.length === 0) return
  throw new CniError(
    CniCode.RangeExhausted,
    'range exhausted',
    `${full.map(formatPrefix).join(' and ')}: no address is left; ` +
      'remove containers, or sign a certificate with a larger host subnet',
  )
}

// The kernel tries the rules of an ADD and discards them, which reveals every part of nf_tables it lacks.
async function requireRules(settings: Settings, { subnets, overlay }: Identity): Promise<void> {
  const { bridge, pools, ipMasq, isolation } = settings
  const unmasked = [...pools, ...overlay.map(networkOf)]
  await nftCheck(renderRuleset({ bridge, subnets, unmasked, ipMasq, isolation, local: [] }))
}

async function requireIp(): Promise<void> {
  await ipShow(['link', 'show', 'dev', 'lo'])
}

// A tun device without its process exists but has no carrier. A device that is down has lost its routes.
async function nebulaProblem(
  { nebula }: Settings,
  { overlay }: Identity,
  { nebulaDev, gateways, peerGateways }: HostNetwork,
): Promise<string | undefined> {
  const rest =
    gateways.length + peerGateways.size > 0
      ? 'other hosts are reached through the gateway only'
      : 'containers of other hosts cannot be reached'
  const networks = overlay.map(networkOf).map(formatPrefix).join(' or ')
  if (nebulaDev === undefined) {
    const which =
      nebula.device === 'auto' ? `no link has the network ${networks}` : `no link ${nebula.device}`
    return `${which}; ${rest}; start Nebula`
  }
  const routes = await kernelRoutes()
  const shown = await ipShow(['link', 'show', 'dev', nebulaDev])
  const { flags = [] } = parseShownLink(shown) ?? {}
  const isUp = flags.includes('UP') && flags.includes('LOWER_UP')
  const isRouted = overlay.some((each) => linksOfNetwork(routes, networkOf(each)).includes(nebulaDev))
  if (isUp && isRouted) return undefined
  const fault = isUp ? `has no route to ${networks}` : 'is down'
  return `link ${nebulaDev} ${fault}; ${rest}; check that Nebula runs`
}

function unready(code: CniCode, message: string, reasons: readonly string[]): CniError {
  return new CniError(code, message, reasons.join('\n'))
}
