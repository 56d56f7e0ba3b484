// This host as a whole: what it is, where it stands, and the three things of it that every attachment relies on.

import type { Settings } from '../config/settings.ts'
import type { Log } from '../log.ts'
import type { BridgePlan } from '../net/plan.ts'
import { ensureForwarding } from './bridge.ts'
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
  return { settings, identity, network, bridge: { name: settings.bridge, addresses, mtuBytes }, now, log }
}

/**
 * Routes, rules and forwarding; the bridge has to be there with its addresses.
 * @param fresh look at everything anew, whatever earlier calls have found
 * @throws CniError
 */
export async function syncHost(host: Host, fresh = false): Promise<void> {
  const { settings, identity, network } = host
  const hops = [...network.gateways, ...network.peerGateways.values()].map(({ dev }) => dev)
  const links = [settings.bridge, ...(network.nebulaDev === undefined ? [] : [network.nebulaDev]), ...hops]
  ensureForwarding(
    [...new Set(links)],
    identity.subnets.map(({ family }) => family),
  )
  await syncRoutes(host, fresh)
  await syncRules(settings, identity, network.earlierSubnets)
  await warnOfFullBridge(settings.bridge, identity.subnets, host.log)
}
