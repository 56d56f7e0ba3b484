// This host as a whole: what it is, where it stands, and the three things of it that every attachment relies on.

import type { Settings } from '../config/settings.ts'
import type { Log } from '../log.ts'
import type { AttachmentRecord } from '../net/attachment.ts'
import type { BridgePlan } from '../net/plan.ts'
import { reachesLoopback } from '../net/port-mapping.ts'
import { livingAgent } from '../state/agent-lease.ts'
import { ensureForwarding, ensureLoopbackRouting, putBridgeRight } from './bridge.ts'
import { type Identity, loadIdentity } from './identity.ts'
import { findNetwork, type HostNetwork, kernelRoutes } from './network.ts'
import { warnOfFullBridge } from './bridge-ports.ts'
import { syncRoutes } from './routes.ts'
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

/** Looks at everything and changes nothing. @throws CniError */
export async function loadHost(settings: Settings, now: number, log: Log): Promise<Host> {
  const identity = await loadIdentity(settings, now)
  for (const warning of identity.warnings)
    log('warn', 'host certificate', { file: settings.nebula.cert, error: warning })
  const network = await findNetwork(settings, identity, kernelRoutes())
  if (network.nebulaDev === undefined) {
    log('warn', 'nebula link not found, gateway path only', { dev: settings.nebula.device })
  }
  const { bridgeAddresses: addresses, mtuBytes } = network
  const bridge = { name: settings.bridge, addresses, mtuBytes, promisc: settings.promiscMode }
  return { settings, identity, network, bridge, now, log }
}

/** What {@link syncHost} is called for. */
export interface SyncOptions {
  /** The attachment just made, whose ports are to be published. */
  readonly added?: AttachmentRecord
  /** The kernel has ports of attachments that are gone. */
  readonly portsLeft?: boolean
  /** Look at everything anew, whatever earlier calls have found. */
  readonly fresh?: boolean
  /** The agent itself calls: routes are none of this call's business. */
  readonly exceptRoutes?: boolean
}

/** Bridge and all of {@link syncHost}, looked at anew: what every ADD does for the host, without a container. @throws CniError */
export async function putHostRight(host: Host): Promise<void> {
  await putBridgeRight(host.bridge)
  await syncHost(host, { fresh: true })
}

/**
 * Routes, rules, ports and forwarding; the bridge has to be there with its addresses. With a living agent the routes are
 * the agent's. @throws CniError
 */
export async function syncHost(host: Host, options: SyncOptions = {}): Promise<void> {
  const { added, portsLeft = false, fresh = false, exceptRoutes = false } = options
  const { settings, identity, network } = host
  const hops = [...network.gateways, ...network.peerGateways.values()].map(({ dev }) => dev)
  const links = [settings.bridge, ...(network.nebulaDev === undefined ? [] : [network.nebulaDev]), ...hops]
  ensureForwarding(
    [...new Set(links)],
    identity.subnets.map(({ family }) => family),
  )
  if (!exceptRoutes && livingAgent(settings.runDir) === undefined) await syncRoutes(host, fresh)
  if (added?.ports?.some(reachesLoopback) ?? false) ensureLoopbackRouting(settings.bridge)
  const { earlierSubnets: earlier } = network
  await syncRules({ settings, identity, earlier, added, anew: fresh || portsLeft })
  await warnOfFullBridge(settings.bridge, identity.subnets, host.log)
}
