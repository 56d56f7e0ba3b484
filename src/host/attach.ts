// The links of one attachment in the kernel: made in two batches, one per namespace, and taken away again.

import { CniCode, CniError } from '../cni/error.ts'
import { configError } from '../config/shape.ts'
import type { Prefix } from '../addr/prefix.ts'
import type { Bandwidth, Sysctl } from '../config/container-settings.ts'
import { ipBatch, ipShow } from '../exec/ip.ts'
import { writeSysctlIn } from '../exec/sysctl.ts'
import { tc } from '../exec/tc.ts'
import { qdiscLimit } from '../ip/qdisc.ts'
import { linkDelete } from '../ip/link.ts'
import {
  type BridgePlan,
  type ContainerRoute,
  type LinkPlan,
  planBridge,
  planContainer,
  planHostLink,
} from '../net/plan.ts'
import { ensureBridge } from './bridge.ts'
import { refusalOfFullBridge } from './bridge-ports.ts'
import { linkExists } from '../state/liveness.ts'

/** All that the kernel is told of one attachment. */
export interface Attachment {
  readonly bridge: BridgePlan
  readonly link: LinkPlan
  readonly addresses: readonly Prefix[]
  readonly routes: readonly ContainerRoute[]
  readonly sysctls: readonly Sysctl[]
  readonly bandwidth: Bandwidth
}

/**
 * Makes the bridge, the link pair, the container's addresses and routes. On failure the caller calls
 * {@link detachLinks}; the near end's deletion takes everything of this attachment with it.
 * @throws CniError that says what stands in the way
 */
export async function attachLinks(attachment: Attachment): Promise<void> {
  const { bridge, link, addresses, routes } = attachment
  await ensureBridge(bridge)
  // Left behind by a dead attachment of this key, as the store has found before.
  const leftover = linkExists(link.hostLink) ? [linkDelete(link.hostLink)] : []
  // The port before the bridge's addresses: where the name belongs to something else, the batch stops before it
  // has touched it.
  const commands = [...leftover, ...planHostLink(link, bridge.name), ...planBridge(bridge, true)]
  try {
    await ipBatch(commands)
  } catch (error) {
    throw (await obstacle(bridge.name, link)) ?? error
  }
  // Before its addresses: disable_ipv6 and accept_dad decide about those.
  for (const { name, value } of attachment.sysctls)
    await writeSysctlIn(link.netns, name.replace('IFNAME', link.ifname), value)
  await ipBatch(planContainer(link.ifname, addresses, routes), link.netns)
  await limitBandwidth(link, attachment.bandwidth)
}

// A link's queue is in front of what it sends, so each direction is limited at the end that sends it. The container could
// take its own limit away with NET_ADMIN; what it sends could be limited on the host only by a second device per container
// (ifb), or by dropping in place of delaying, which TCP answers with less than half the rate.
async function limitBandwidth(link: LinkPlan, { ingress, egress }: Bandwidth): Promise<void> {
  if (ingress !== undefined) await tc(qdiscLimit(link.hostLink, ingress, link.mtuBytes))
  if (egress !== undefined) await tc(qdiscLimit(link.ifname, egress, link.mtuBytes), link.netns)
}

/** Deletes the near end, with it the far one and all it carried; content when it is gone. @throws CniError */
export async function detachLinks(hostLink: string): Promise<void> {
  if (!linkExists(hostLink)) return
  try {
    await ipBatch([linkDelete(hostLink)])
  } catch (error) {
    // The container's namespace may have ended just now and taken the pair along.
    if (linkExists(hostLink)) throw error
  }
}

// `ip` gives the same exit code and nearly the same words for many reasons, so the kernel is asked what is in the way.
async function obstacle(bridge: string, link: LinkPlan): Promise<CniError | undefined> {
  const inside = await ipShow(['link', 'show', 'dev', link.ifname], link.netns)
  if (inside !== undefined && !linkExists(link.hostLink)) {
    return new CniError(
      CniCode.InterfaceExists,
      'interface exists',
      `${link.ifname} is in ${link.netns} already; a second network of this container needs another interface name`,
    )
  }
  const shown = await ipShow(['-details', 'link', 'show', 'dev', bridge])
  const [found] = shown === undefined ? [] : (JSON.parse(shown) as { linkinfo?: { info_kind?: string } }[])
  const kind = found?.linkinfo?.info_kind ?? 'a link without kind'
  if (found === undefined) return undefined
  if (kind === 'bridge') return refusalOfFullBridge(bridge)
  return configError(
    'bridge',
    `${bridge} is there and is not a bridge (${kind}); set another name, or remove that link`,
  )
}
