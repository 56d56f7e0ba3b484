// The bridge that connects the containers.

import type { BridgeSettings } from './bridge-traits.ts'
import { ipBatch } from '../../exec/network/ip.ts'
import { readOwnLinkIndex } from '../../kernel/proc.ts'
import { ensureLinkSysctl } from '../../exec/network/sysctl.ts'
import type { Log } from '../../log.ts'
import { refuseAdvertisements } from '../network/forwarding.ts'
import { type BridgePlan, bridgeMac, planBridge } from '../../net/plan.ts'
import { readCachedText, writeCachedText } from '../../state/files/cache.ts'
import { bootId, linkExists } from '../../kernel/presence.ts'

/**
 * Makes the bridge if it does not exist, and puts the links of living attachments on it that an earlier
 * bridge of its name left behind. An existing bridge of any origin is corrected once: its MAC becomes
 * fixed and frames pass immediately. Every attachment corrects its addresses and state anyway.
 * @throws CniError InvalidConfig if something else has the name
 */
export async function ensureBridge(bridge: BridgePlan, settings: BridgeSettings, log: Log): Promise<void> {
  if (!linkExists(bridge.name)) await makeBridge(bridge, settings)
  else if (!isKnown(bridge, settings.runDir)) {
    await correctBridge(bridge, settings, log)
    await putBack(bridge, settings)
  } else switchOnIpv6(bridge)
}

/**
 * Makes or corrects the bridge with its addresses and all its links, and takes nothing for granted.
 * `flatnet-cni sync` and the agent do this.
 * @throws CniError
 */
export async function restoreBridge(bridge: BridgePlan, settings: BridgeSettings, log: Log): Promise<void> {
  if (linkExists(bridge.name)) await correctBridge(bridge, settings, log)
  else await makeBridge(bridge, settings)
  await ipBatch(planBridge(bridge, true))
  await putBack(bridge, settings)
}

async function makeBridge(bridge: BridgePlan, settings: BridgeSettings): Promise<void> {
  try {
    await ipBatch(planBridge(bridge, false))
  } catch (error) {
    if (!linkExists(bridge.name)) {
      const { refusalOfName } = await import('./bridge-traits.ts')
      throw (await refusalOfName(bridge.name)) ?? error
    }
    // Another first ADD has just made it, or new links have IPv6 switched off.
    switchOnIpv6(bridge)
    await ipBatch(planBridge(bridge, true))
  }
  settle(bridge.name)
  remember(bridge, settings.runDir)
  await putBack(bridge, settings)
}

async function correctBridge(bridge: BridgePlan, { runDir }: BridgeSettings, log: Log): Promise<void> {
  settle(bridge.name)
  switchOnIpv6(bridge)
  const { correctTraits } = await import('./bridge-traits.ts')
  await correctTraits(bridge, log)
  remember(bridge, runDir)
}

async function putBack(bridge: BridgePlan, settings: BridgeSettings): Promise<void> {
  const { putStrayLinksBack } = await import('./stray-links.ts')
  await putStrayLinksBack(bridge, settings)
}

// With the notify settings, the kernel announces the gateway's MAC to all containers when it changes or the
// bridge comes up (ip-sysctl.rst).
function settle(name: string): void {
  refuseAdvertisements(name)
  ensureLinkSysctl(`ipv4/conf/${name}/arp_notify`, '1')
  ensureLinkSysctl(`ipv6/conf/${name}/ndisc_notify`, '1')
}

// The certificate decides about the bridge, not the default of new links
// (net.ipv6.conf.default.disable_ipv6).
function switchOnIpv6({ name, addresses }: BridgePlan): void {
  if (addresses.some(({ family }) => family === 6)) ensureLinkSysctl(`ipv6/conf/${name}/disable_ipv6`, '0')
}

// A later link of that name has another index. Indexes start from one with each boot.
function stampOf(bridge: BridgePlan): string {
  return `${bootId()} ${String(readOwnLinkIndex(bridge.name))} ${bridgeMac(bridge)}\n`
}

function isKnown(bridge: BridgePlan, runDir: string): boolean {
  return readCachedText(cachePath(bridge.name, runDir)) === stampOf(bridge)
}

function remember(bridge: BridgePlan, runDir: string): void {
  writeCachedText(cachePath(bridge.name, runDir), stampOf(bridge))
}

function cachePath(bridge: string, runDir: string): string {
  return `${runDir}/bridge-${bridge}`
}
