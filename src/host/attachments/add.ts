// Adds an attachment for any runtime: reserve, links, routes, rules, commit. Checks everything before it
// changes anything, and undoes a step that fails.

import { unixSeconds } from '../../unix-time.ts'
import { errorText } from '../../cni/error.ts'
import type { Prefix } from '../../addr/prefix.ts'
import type { AttachmentRequest } from '../../config/attachment-request.ts'
import { rangesIn } from '../../config/ip-ranges.ts'
import { refuseRootless } from '../../kernel/proc.ts'
import type { Log } from '../../log.ts'
import { hostLinkName, linkAlias, type NetnsIdentity } from '../../net/attachment.ts'
import {
  type BridgePlan,
  type ContainerRoute,
  containerRoutes,
  hostMacOf,
  isHairpin,
  type LinkPlan,
  macOf,
} from '../../net/plan.ts'
import type { Reservation } from '../../state/addresses/reserve.ts'
import { openStore } from '../../state/addresses/store.ts'
import { type Host, loadHost, syncHost } from '../host.ts'
import { earlyQuestions } from '../rules.ts'
import { loadSettings } from '../identity/settings.ts'
import { type GivenNames, givenNames } from '../names/give.ts'
import { attachLinks, detachLinks } from './attach.ts'
import { enterableNetns } from './container-netns.ts'
import { newRecord } from './new-record.ts'
import { refuseOtherFamily, withdraw } from '../ports/publish.ts'

/** The result of an ADD. */
export interface Added {
  readonly bridge: BridgePlan
  readonly link: LinkPlan
  /** One per family, with the prefix length of its subnet. */
  readonly addresses: readonly Prefix[]
  /** The container's routes. */
  readonly routes: readonly ContainerRoute[]
  /** What the container is told about names. */
  readonly names: GivenNames | undefined
}

/** Adds an attachment. @throws CniError, with nothing left behind */
export async function addAttachment(request: AttachmentRequest, now: Date, log: Log): Promise<Added> {
  refuseRootless()
  const settings = loadSettings(request.own)
  const netns = enterableNetns(request.netns)
  const host = await loadHost(settings, unixSeconds(now), log)
  refuseOtherFamily(request.ports, host.identity.subnets)
  const reserved = await reserve(host, request, netns, now)
  const link = planLink(host, request, reserved)
  const routes = await build(host, request, reserved, link)
  if (host.network.earlierSubnets.length > 0) {
    const { retireEarlierSubnets } = await import('../garbage/earlier-subnets.ts')
    await retireEarlierSubnets(() => settings, now, log)
  }
  const names = await givenNames(host, request.prefersUserDns)
  return { bridge: host.bridge, link, addresses: reserved.addresses, routes, names }
}

function reserve(
  { settings, identity }: Host,
  request: AttachmentRequest,
  netns: NetnsIdentity,
  now: Date,
): Promise<Reservation> {
  const { key, replaces, ips, mac, ports, ranges } = request
  return openStore(settings.stateDir).reserve({
    key,
    replaces,
    wanted: identity.subnets.map((subnet) => ({ subnet, within: rangesIn(ranges, subnet) })),
    requested: ips,
    netns,
    ports,
    makeRecord: (addresses, granted) => {
      const links = {
        hostLink: hostLinkName(key),
        mac: mac ?? macOf(firstOf(addresses)),
        bridge: settings.bridge,
      }
      return newRecord(request, { netns, addresses, granted, now, links })
    },
  })
}

function planLink({ settings, bridge }: Host, request: AttachmentRequest, reserved: Reservation): LinkPlan {
  const { record, addresses } = reserved
  return {
    hostLink: record.hostLink,
    hostMac: hostMacOf(firstOf(addresses)),
    alias: linkAlias(request.key),
    ifname: request.key.ifname,
    mac: record.mac,
    netns: request.netns.path,
    mtuBytes: bridge.mtuBytes,
    hairpin: isHairpin(record, settings.hairpinMode),
  }
}

// Runs all steps from the first change of the kernel to the record's last. Returns the container's routes.
async function build(
  host: Host,
  request: AttachmentRequest,
  reserved: Reservation,
  link: LinkPlan,
): Promise<readonly ContainerRoute[]> {
  const { settings, bridge, log } = host
  const { record, addresses } = reserved
  const store = openStore(settings.stateDir)
  const wanted = containerRoutes(link.ifname, bridge.addresses, settings.pools, settings.routes)
  const bandwidth = request.bandwidth ?? settings.bandwidth
  try {
    if (record.ports !== undefined) {
      const { refuseHostPrograms } = await import('../ports/host-programs.ts')
      await refuseHostPrograms(record, { isTakenOver: settings.takeOverPorts, log })
    }
    const portsLeft = leavesPorts(reserved)
    const families = host.identity.subnets.map(({ family }) => family)
    const { routes, answers } = await attachLinks(
      { bridge, settings, link, addresses, routes: wanted, sysctls: settings.sysctls, bandwidth },
      portsLeft ? [] : earlyQuestions(settings, families, record),
      log,
    )
    await syncHost(host, { added: record, portsLeft, answers })
    if (addresses.some(({ family }) => family === 6)) {
      const { advertiseAddresses } = await import('./advertise.ts')
      await advertiseAddresses(link, log)
    }
    await store.commit({ ...record, phase: 'up' })
    return routes
  } catch (error) {
    await undo(log, [
      () => withdraw(settings.stateDir, record),
      () => detachLinks(link.hostLink),
      () => store.abandon(record),
    ])
    throw error
  }
}

// Runs each step even if the one before failed. The runtime gets the error that led here.
async function undo(log: Log, steps: readonly (() => Promise<void>)[]): Promise<void> {
  for (const step of steps) {
    try {
      await step()
    } catch (error) {
      log('warn', 'not undone', { error: errorText(error) })
    }
  }
}

// Returns whether the kernel still has ports of attachments that no longer exist.
function leavesPorts({ superseded, reclaimed }: Reservation): boolean {
  return [...reclaimed, ...(superseded === undefined ? [] : [superseded])].some(
    ({ ports }) => ports !== undefined,
  )
}

function firstOf(addresses: readonly Prefix[]): Prefix {
  const [first] = addresses
  if (first === undefined) throw new TypeError('an attachment has at least one address')
  return first
}
