// This host as a whole: its identity, its network, and what every attachment
// relies on: bridge, routes and rules.

import type { Settings } from '../config/settings.ts'
import type { Log } from '../log.ts'
import type { AttachmentRecord } from '../net/attachment.ts'
import type { BridgePlan } from '../net/plan.ts'
import { reachesLoopback } from '../net/ports/mapping.ts'
import { livingAgent } from '../state/agent/heartbeat.ts'
import { restoreBridge } from './bridge/bridge.ts'
import { ensureForwarding, ensureLoopbackRouting } from './network/forwarding.ts'
import { requireIpv6 } from './network/ipv6.ts'
import { type Identity, loadIdentity } from './identity/identity.ts'
import { kernelRoutes } from './routes/kernel-routes.ts'
import { findNetwork, type HostNetwork } from './network/network.ts'
import { warnOfFullBridge } from './bridge/bridge-ports.ts'
import { syncRoutes } from './routes/routes.ts'
import { syncRules } from './rules.ts'

/** Settings, certificate facts and the kernel's view, taken at one moment. */
export interface Host {
  readonly settings: Settings
  readonly identity: Identity
  readonly network: HostNetwork
  readonly bridge: BridgePlan
  /** Unix time in seconds. */
  readonly now: number
  readonly log: Log
}

/** Loads all facts of the host and changes nothing. @throws CniError */
export async function loadHost(settings: Settings, now: number, log: Log): Promise<Host> {
  const identity = await loadIdentity(settings, now)
  for (const warning of identity.warnings)
    log('warn', 'host certificate', { file: settings.nebula.cert, error: warning })
  const network = await findNetwork(settings, identity, await kernelRoutes())
  if (network.nebulaDev === undefined) {
    log('warn', 'nebula link not found, gateway path only', { dev: settings.nebula.device })
  }
  await requireIpv6(settings, identity, network)
  const { bridgeAddresses: addresses, mtuBytes } = network
  const bridge = { name: settings.bridge, addresses, mtuBytes, promisc: settings.promiscMode }
  return { settings, identity, network, bridge, now, log }
}

/** Why {@link syncHost} is called. */
interface SyncOptions {
  /** The attachment just made, whose ports are to be published. */
  readonly added?: AttachmentRecord
  /** Whether the kernel has ports of attachments that no longer exist. */
  readonly portsLeft?: boolean
  /** What nft answered to the {@link earlyQuestions} of an ADD. */
  readonly answers?: readonly (string | undefined)[] | undefined
  /** Check everything again, regardless of what earlier calls found. */
  readonly fresh?: boolean
  /** The caller is the agent, which handles routes itself. */
  readonly exceptRoutes?: boolean
}

/**
 * Does for the host what every ADD does, without a container: {@link syncHost} and the bridge,
 * checked again. @throws CniError
 */
export async function restoreHost(host: Host): Promise<void> {
  await restoreBridge(host.bridge, host.settings, host.log)
  await syncHost(host, { fresh: true })
}

/**
 * Brings routes, rules, ports and forwarding up to date. The bridge must exist with its addresses. While an
 * agent lives, it owns the routes. @throws CniError
 */
export async function syncHost(host: Host, options: SyncOptions = {}): Promise<void> {
  const { added, answers, portsLeft = false, fresh = false, exceptRoutes = false } = options
  const { settings, identity, network } = host
  const hops = [...network.gateways, ...network.peerGateways.values()].map(({ dev }) => dev)
  const uplinks = [...(network.nebulaDev === undefined ? [] : [network.nebulaDev]), ...hops]
  await ensureForwarding(
    { bridge: settings.bridge, uplinks },
    identity.subnets.map(({ family }) => family),
  )
  if (!exceptRoutes && livingAgent(settings.runDir) === undefined) await syncRoutes(host, fresh)
  if ([...(added?.ports ?? []), ...(added?.standby ?? [])].some(reachesLoopback))
    ensureLoopbackRouting(settings.bridge)
  if (added?.ports?.some(({ hostIp }) => hostIp !== undefined) ?? false) {
    const { warnOfAbsentAddresses } = await import('./ports/absent-addresses.ts')
    await warnOfAbsentAddresses(added?.ports ?? [], host.log)
  }
  const { earlierSubnets: earlier } = network
  await syncRules({ settings, identity, earlier, added, rewrite: fresh || portsLeft, answers })
  await warnOfFullBridge(settings.bridge, identity.subnets, host.log)
}
