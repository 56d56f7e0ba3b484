// The bridge that the containers hang on, and the kernel settings that let their packets through.

import { ipBatch } from '../exec/ip.ts'
import { ensureSysctl, readSysctl } from '../exec/sysctl.ts'
import { type BridgePlan, planBridge } from '../net/plan.ts'
import { linkExists } from '../state/liveness.ts'

/**
 * Makes the bridge when it is not there. Its addresses and state are put right with each attachment anyway, so an
 * existing one costs nothing here. Two first ADDs at once both try; the one that comes second is content.
 */
export async function ensureBridge(bridge: BridgePlan): Promise<void> {
  if (linkExists(bridge.name)) return
  try {
    await ipBatch(planBridge(bridge, false))
  } catch (error) {
    if (!linkExists(bridge.name)) throw error
  }
}

/** The bridge with its addresses, up: what each ADD does in the batch that makes its links. @throws CniError */
export async function putBridgeRight(bridge: BridgePlan): Promise<void> {
  await ensureBridge(bridge)
  await ipBatch(planBridge(bridge, true))
}

/**
 * Switches forwarding on and strict source checks off, on our links only.
 * @param links the bridge, the nebula link and the links of the gateway hops
 * @throws CniError IoFailure
 */
export function ensureForwarding(links: readonly string[], families: readonly (4 | 6)[]): void {
  if (families.includes(4)) ensureSysctl('ipv4/ip_forward', '1')
  if (families.includes(6)) {
    // With forwarding on, the kernel stops listening to router advertisements unless accept_ra is 2 (ip-sysctl.rst):
    // the host would lose its own default route.
    for (const link of links)
      if (readSysctl(`ipv6/conf/${link}/accept_ra`) === '1') ensureSysctl(`ipv6/conf/${link}/accept_ra`, '2')
    ensureSysctl('ipv6/conf/all/forwarding', '1')
  }
  // The two paths may be used one per direction for a moment; rp_filter 1 drops what comes back on the other one
  // (RFC 3704, section 2.2: loose is for asymmetric routing). The kernel takes the higher of "all" and the link's own.
  const all = Number(readSysctl('ipv4/conf/all/rp_filter') ?? '0')
  for (const link of links) {
    const own = Number(readSysctl(`ipv4/conf/${link}/rp_filter`) ?? '0')
    if (Math.max(all, own) === 1) ensureSysctl(`ipv4/conf/${link}/rp_filter`, '2')
  }
}

/**
 * Lets packets of the host's own with a source in 127.0.0.0/8 out on the bridge, where masquerade gives them another, and
 * lets their answers in (ip-sysctl.rst, route_localnet). The rules keep others from using it (net/port-rules.ts).
 */
export function ensureLoopbackRouting(bridge: string): void {
  ensureSysctl(`ipv4/conf/${bridge}/route_localnet`, '1')
}
