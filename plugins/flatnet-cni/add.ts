// ADD: an address, a pair of links, routes. Everything is checked before anything is touched; what fails is undone.

import { formatPrefix, type Prefix } from '../../src/addr/prefix.ts'
import { renderResult } from '../../src/cni/result.ts'
import { rangesIn } from '../../src/config/ip-ranges.ts'
import { parseRequest } from '../../src/config/request.ts'
import { refuseRootless } from '../../src/exec/proc.ts'
import { attachLinks, detachLinks } from '../../src/host/attach.ts'
import { loadHost, syncHost } from '../../src/host/host.ts'
import { refuseOtherFamily, withdraw } from '../../src/host/ports.ts'
import { loadSettings } from '../../src/host/settings.ts'
import type { AttachmentRecord } from '../../src/net/attachment.ts'
import { hostLinkName, linkAlias } from '../../src/net/attachment.ts'
import { containerRoutes, hostMacOf, type LinkPlan, macOf } from '../../src/net/plan.ts'
import { bootId, thisProcess } from '../../src/state/liveness.ts'
import type { Reservation } from '../../src/state/reserve.ts'
import { openStore } from '../../src/state/store.ts'
import { type Call, keyOf } from '../call.ts'
import { enterableNetns } from '../netns.ts'
import { describeResult } from './add-result.ts'

/** Serves ADD; returns the result's text. @throws CniError, with nothing left behind */
export async function cmdAdd(call: Call): Promise<string> {
  const { environment, conf, now, log } = call
  refuseRootless()
  const request = parseRequest(conf, environment.args)
  const settings = loadSettings(conf.own)
  const netns = enterableNetns(environment.netns, environment.allowOwnNetns)
  const host = await loadHost(settings, Math.floor(now.getTime() / 1000), log)
  refuseOtherFamily(request.ports, host.identity.subnets)
  const key = keyOf(call)
  const store = openStore(settings.stateDir)
  const hostLink = hostLinkName(key)
  const reserved = await store.reserve({
    key,
    wanted: host.identity.subnets.map((subnet) => ({ subnet, within: rangesIn(request.ranges, subnet) })),
    requested: request.ips,
    netns,
    ports: request.ports,
    makeRecord: (addresses, ports): AttachmentRecord => ({
      ...key,
      version: 1,
      phase: 'adding',
      bootId: bootId(),
      netns,
      hostLink,
      mac: request.mac ?? macOf(firstOf(addresses)),
      addresses: addresses.map(formatPrefix),
      bridge: settings.bridge,
      ...(request.containerName === undefined ? {} : { containerName: request.containerName }),
      ...(request.aliases.length === 0 ? {} : { aliases: request.aliases }),
      ...(ports.length === 0 ? {} : { ports }),
      owner: thisProcess(),
      since: now.toISOString(),
    }),
  })
  const link: LinkPlan = {
    hostLink,
    hostMac: hostMacOf(firstOf(reserved.addresses)),
    alias: linkAlias(key),
    ifname: key.ifname,
    mac: reserved.record.mac,
    netns: environment.netns,
    mtuBytes: host.bridge.mtuBytes,
    hairpin: settings.hairpinMode || reserved.record.ports !== undefined,
  }
  const routes = containerRoutes(key.ifname, host.bridge.addresses, settings.pools, settings.routes)
  try {
    await attachLinks({
      bridge: host.bridge,
      link,
      addresses: reserved.addresses,
      routes,
      sysctls: settings.sysctls,
      bandwidth: request.bandwidth ?? settings.bandwidth,
    })
    await syncHost(host, { added: reserved.record, portsLeft: leavesPorts(reserved) })
    await store.commit({ ...reserved.record, phase: 'up' })
  } catch (error) {
    await undo(call, [
      () => withdraw(settings.stateDir, reserved.record),
      () => detachLinks(hostLink),
      () => store.abandon(reserved.record),
    ])
    throw error
  }
  if (host.network.earlierSubnets.length > 0) {
    const { retireEarlierSubnets } = await import('../../src/host/earlier-subnets.ts')
    await retireEarlierSubnets(() => settings, now, log)
  }
  const own = describeResult({
    bridge: settings.bridge,
    gateways: host.bridge.addresses,
    link,
    addresses: reserved.addresses,
    routes,
    dns: conf.dns,
  })
  return renderResult(own, conf.cniVersion, conf.prevResult)
}

// Each step whatever became of the one before. What failed first is what the runtime has to hear of.
async function undo({ log }: Call, steps: readonly (() => Promise<void>)[]): Promise<void> {
  for (const step of steps) {
    try {
      await step()
    } catch (error) {
      log('warn', 'not undone', { error: error instanceof Error ? error.message : String(error) })
    }
  }
}

// Ports that the kernel has still for attachments that are gone.
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
