// The links of one attachment in the kernel: made in two batches, one per namespace, and removed again.

import { CniCode, CniError } from '../../cni/error.ts'
import type { Prefix } from '../../addr/prefix.ts'
import type { Outcome } from '../../exec/command.ts'
import type { Bandwidth, Sysctl } from '../../config/container-settings.ts'
import { ipBatch, ipBatchThenTry, ipShow, judgeBatch } from '../../exec/network/ip.ts'
import { nftTry } from '../../exec/network/nft.ts'
import { type AttachOutcome, attachByScript, deleteLinkByScript } from '../../exec/network/scripts.ts'
import { batchText } from '../../ip/batch.ts'
import { writeSysctlIn } from '../../exec/network/sysctl.ts'
import { tc } from '../../exec/network/tc.ts'
import { qdiscLimit } from '../../ip/qdisc.ts'
import { linkDelete } from '../../ip/link.ts'
import { planAnnouncements, planHostNeighbours } from '../../net/announcement.ts'
import {
  type BridgePlan,
  type ContainerRoute,
  type LinkPlan,
  planBridge,
  planContainer,
  planHostLink,
} from '../../net/plan.ts'
import { needsSourceRouting, planSourceRouting } from '../../net/source-routing.ts'
import type { Log } from '../../log.ts'
import { ensureBridge } from '../bridge/bridge.ts'
import { refuseAdvertisements } from '../network/forwarding.ts'
import type { BridgeSettings } from '../bridge/bridge-traits.ts'
import { refusalOfFullBridge } from '../bridge/bridge-ports.ts'
import { linkExists, refusalOfKind } from '../../kernel/presence.ts'
import { readOwnLinkIndex } from '../../kernel/proc.ts'

/** What the kernel needs to know of one attachment. */
interface Attachment {
  readonly bridge: BridgePlan
  readonly settings: BridgeSettings
  readonly link: LinkPlan
  readonly addresses: readonly Prefix[]
  readonly routes: readonly ContainerRoute[]
  readonly sysctls: readonly Sysctl[]
  readonly bandwidth: Bandwidth
}

/** The container's routes, and what nft answered beside. */
interface Attached {
  /** Their metrics differ from those asked for if another network of the container is in the way. */
  readonly routes: readonly ContainerRoute[]
  /** One answer for each question, undefined where nft failed; undefined if nft was not asked. */
  readonly answers: readonly (string | undefined)[] | undefined
}

/**
 * Makes the bridge, the link pair, the container's addresses and routes. On failure the caller calls
 * {@link detachLinks}; deleting the near end removes everything of this attachment.
 * @param questions texts for nft, which need nothing of all this
 * @throws CniError that names the obstacle
 */
export async function attachLinks(
  attachment: Attachment,
  questions: readonly string[],
  log: Log,
): Promise<Attached> {
  const { bridge, link, addresses } = attachment
  await ensureBridge(bridge, attachment.settings, log)
  // A dead attachment of this key may have left its link. The store has proven it dead.
  const leftover = linkExists(link.hostLink) ? [linkDelete(link.hostLink)] : []
  // The port precedes the bridge's addresses: if the name belongs to something else, the
  // batch stops before it touches it.
  const commands = [...leftover, ...planHostLink(link, bridge.name), ...planBridge(bridge, true)]
  const attempts = planHostNeighbours(bridge.name, link.mac, addresses)
  const outcome = await tryScript(attachment, batchText([...commands, ...attempts]), questions)
  try {
    if (outcome === undefined) await ipBatchThenTry(commands, attempts)
    else judgeBatch(commands, outcome.host)
  } catch (error) {
    throw (await obstacle(bridge.name, link)) ?? error
  }
  refuseAdvertisements(link.hostLink)
  // Sysctls precede the addresses, because disable_ipv6 and accept_dad decide about addresses.
  for (const { name, value } of attachment.sysctls)
    await writeSysctlIn(link.netns, name.replace('IFNAME', link.ifname), value)
  const made = await configureContainer(attachment, outcome?.container)
  await limitBandwidth(link, attachment.bandwidth)
  if (needsSourceRouting(made)) {
    const { routeBySource } = await import('../routes/source-routing.ts')
    await routeBySource(planSourceRouting(link.ifname, addresses, made), link.netns, log)
  }
  return { routes: made, answers: questions.length === 0 ? undefined : outcome?.nft }
}

// Runs both batches in one script. Sysctls would have to be set between them.
async function tryScript(
  { link, addresses, routes, sysctls }: Attachment,
  host: string,
  nft: readonly string[],
): Promise<AttachOutcome | undefined> {
  if (sysctls.length > 0) return undefined
  const { hostLink, netns, ifname } = link
  const commands = [...planContainer(ifname, addresses, routes), ...planAnnouncements(ifname, addresses)]
  return attachByScript({ hostLink, netns, host, container: batchText(commands), nft })
}

// `outcome` is that of the batch, if it was run already.
async function configureContainer(
  attachment: Attachment,
  outcome?: Outcome,
): Promise<readonly ContainerRoute[]> {
  const { link, addresses, routes, sysctls } = attachment
  try {
    const commands = planContainer(link.ifname, addresses, routes)
    if (outcome === undefined)
      await ipBatchThenTry(commands, planAnnouncements(link.ifname, addresses), link.netns)
    else judgeBatch(commands, outcome, link.netns)
    return routes
  } catch (error) {
    if (addresses.some(({ family }) => family === 6)) {
      const { switchOnIpv6 } = await import('./container-ipv6.ts')
      if (await switchOnIpv6(link, sysctls)) return configureContainer(attachment)
    }
    const { addBesideOthers } = await import('./container-routes.ts')
    return addBesideOthers(link, addresses, routes, error)
  }
}

// A link's queue delays what the link sends, so each direction is limited at the end that sends it. A
// container with NET_ADMIN can remove its own limit. To limit on the host what a container sends would take a
// second device per container (ifb), or dropping instead of delaying, which more than halves the rate of TCP.
async function limitBandwidth(link: LinkPlan, { ingress, egress }: Bandwidth): Promise<void> {
  if (ingress !== undefined) await tc(qdiscLimit(link.hostLink, ingress, link.mtuBytes))
  if (egress !== undefined) await tc(qdiscLimit(link.ifname, egress, link.mtuBytes), link.netns)
}

// The pauses between looks at a link that is being deleted grow from 1 ms and add up to two seconds.
const LOOKS = 60
const FIRST_PAUSE_MS = 1
const LONGEST_PAUSE_MS = 50
const PAUSE_FACTOR = 1.2

/**
 * Deletes the near end, and with it the far end and all it carried. Does nothing if it
 * does not exist. @throws CniError
 */
export async function detachLinks(hostLink: string): Promise<void> {
  if (!linkExists(hostLink)) return
  // The kernel answers 12 to 20 ms after it has closed both ends and removed them from every table
  // (netdev_run_todo in its net/core/dev.c waits for all RCU callbacks). Links, addresses and routes are
  // changed under one lock (RTNL), so whatever is added once the link's name is gone comes after all of that.
  if (await isDeletedSoon(hostLink, () => deleteLinkByScript(hostLink, ''))) return
  try {
    await ipBatch([linkDelete(hostLink)])
  } catch (error) {
    // The container's namespace may have ended just now and removed the pair.
    if (linkExists(hostLink)) throw error
  }
}

/**
 * Applies a text with nft, then deletes the links as {@link detachLinks} does. Returns false, with nothing
 * done, if nft refuses the text. @throws CniError
 */
export async function detachLinksAfter(nft: string, hostLink: string): Promise<boolean> {
  if (!linkExists(hostLink)) return nftTry(nft)
  let isApplied = false
  const begin = async (): Promise<boolean> => (isApplied = await deleteLinkByScript(hostLink, nft))
  const isGone = await isDeletedSoon(hostLink, begin)
  if (!isApplied && !(await nftTry(nft))) return false
  if (!isGone) await detachLinks(hostLink)
  return true
}

// Returns false if the link stays, for whatever reason. A second `ip` then finds the reason, or nothing left.
async function isDeletedSoon(hostLink: string, begin: () => Promise<boolean>): Promise<boolean> {
  const index = readOwnLinkIndex(hostLink)
  const isThere = (): boolean => {
    if (!linkExists(hostLink)) return false
    // A new ADD of the same attachment makes a link with the same name and another index.
    const now = readOwnLinkIndex(hostLink)
    return index === undefined || now === undefined || now === index
  }
  if (!(await begin())) return false
  let pauseMs = FIRST_PAUSE_MS
  for (let looks = 0; looks < LOOKS && isThere(); looks++) {
    await pause(pauseMs)
    pauseMs = Math.min(pauseMs * PAUSE_FACTOR, LONGEST_PAUSE_MS)
  }
  return !isThere()
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

// `ip` gives the same exit code and similar words for many reasons, so ask the kernel what is in the way.
async function obstacle(bridge: string, link: LinkPlan): Promise<CniError | undefined> {
  const inside = await ipShow(['link', 'show', 'dev', link.ifname], link.netns)
  if (inside !== undefined && !linkExists(link.hostLink)) {
    return new CniError(
      CniCode.InterfaceExists,
      'interface exists',
      `${link.ifname} is in ${link.netns} already; ` +
        'a second network of this container needs another interface name',
    )
  }
  const { refusalOfName } = await import('../bridge/bridge-traits.ts')
  return (await refusalOfName(bridge)) ?? (await refusalOfFullBridge(bridge)) ?? refusalOfKind(link.netns)
}
