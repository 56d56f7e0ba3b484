// Published ports in the kernel: put there by ADD, taken away by DEL, whole again after somebody flushed the ruleset.

import type { Family } from '../addr/ip.ts'
import type { Prefix } from '../addr/prefix.ts'
import { configError } from '../config/shape.ts'
import { nftApply, nftList, nftTry } from '../exec/nft.ts'
import { readProcFlows } from '../exec/proc.ts'
import { parseUdpFlows } from '../ip/conntrack.ts'
import { type AttachmentRecord, isSameKey, keyText } from '../net/attachment.ts'
import { renderAllPorts, renderPublish, renderWithdraw } from '../net/port-elements.ts'
import { familyOf, type PortMapping } from '../net/port-mapping.ts'
import { listTable } from '../net/ruleset.ts'
import { findStale, listStale, renderStale, udpPorts } from '../net/stale-flows.ts'
import { judge } from '../state/liveness.ts'
import { openStore } from '../state/store.ts'

/**
 * Refuses a host address that the container cannot be reached from. @param subnets one per family of the container
 * @throws CniError InvalidConfig
 */
export function refuseOtherFamily(ports: readonly PortMapping[], subnets: readonly Prefix[]): void {
  const families = subnets.map(({ family }) => family)
  const stray = ports.find((mapping) => !families.includes(familyOf(mapping) ?? families[0] ?? 4))
  if (stray === undefined) return
  const has = families.map((family) => `IPv${String(family)}`).join(' and ')
  throw configError(
    'runtimeConfig.portMappings',
    `hostIP ${stray.hostIp ?? ''} (port ${String(stray.hostPort)}) cannot be used: containers have ${has} only`,
  )
}

/** Publishes the ports of one attachment. False when the kernel has one of them with another target, or lacks the maps. */
export async function publish(record: AttachmentRecord): Promise<boolean> {
  return nftTry(renderPublish(record))
}

/**
 * Publishes the ports of all living attachments and nothing else, behind `ruleset` in the same transaction.
 * @param added an attachment that counts as living whatever its link says
 * @returns what listings in `ruleset` printed
 */
export async function publishAll(
  stateDir: string,
  families: readonly Family[],
  ruleset: string,
  added?: AttachmentRecord,
): Promise<string> {
  const look = (): AttachmentRecord[] => {
    const others = living(stateDir).filter((record) => added === undefined || !isSameKey(record, added))
    return added === undefined ? others : [...others, added]
  }
  for (let known = look(); ;) {
    const printed = await nftApply(ruleset + renderAllPorts(families, known))
    // An ADD beside us may have written its record after our look and its ports before our transaction.
    const now = look()
    if (isSameList(known, now)) return printed
    known = now
  }
}

/**
 * Takes the ports of one attachment away; content when they or the whole table are gone. Where one of them is somebody
 * else's by now, the others' are written anew.
 * @throws CniError CommandRefused
 */
export async function withdraw(stateDir: string, record: AttachmentRecord): Promise<void> {
  if (record.ports === undefined || (await nftTry(renderWithdraw(record)))) return
  const others = living(stateDir).filter((other) => !isSameKey(other, record))
  for (const family of [4, 6] as const) {
    const listing = await nftList(listTable(family))
    if (listing?.includes('map ports-at {') ?? false) await nftApply(renderAllPorts([family], others))
  }
}

/** Sends UDP flows to an attachment that began before it had their port. Its ports have to be published. */
export async function redirectStale(record: AttachmentRecord): Promise<void> {
  const ports = udpPorts(record)
  if (ports.size === 0) return
  for (const flows of findStale(record, parseUdpFlows(readProcFlows(), ports))) {
    const listing = await nftApply(listStale(flows.family))
    await nftApply(renderStale(flows, listing))
  }
}

function living(stateDir: string): AttachmentRecord[] {
  return openStore(stateDir)
    .listWithPorts()
    .filter((record) => judge(record) !== 'dead')
}

function isSameList(a: readonly AttachmentRecord[], b: readonly AttachmentRecord[]): boolean {
  const names = (records: readonly AttachmentRecord[]): string =>
    records
      .map((record) => `${keyText(record)} ${record.since}`)
      .toSorted()
      .join('\n')
  return names(a) === names(b)
}
