// Published ports in the kernel: added by ADD, removed by DEL, and restored after the ruleset was flushed.

import type { Family } from '../../addr/ip.ts'
import type { Prefix } from '../../addr/prefix.ts'
import { configError } from '../../config/shape.ts'
import { nftApply, nftList, nftTry } from '../../exec/network/nft.ts'
import { type AttachmentRecord, isSameKey, keyText } from '../../net/attachment.ts'
import { renderAllPorts, renderPublish, renderWithdraw } from '../../net/ports/elements.ts'
import { familyOf, type PortMapping } from '../../net/ports/mapping.ts'
import { listTable } from '../../net/ruleset.ts'
import { livenessOf } from '../../state/liveness.ts'
import { openStore } from '../../state/addresses/store.ts'

/**
 * Refuses a host address through which the container cannot be reached. @param subnets one per family of the
 * container
 * @throws CniError InvalidConfig
 */
export function refuseOtherFamily(ports: readonly PortMapping[], subnets: readonly Prefix[]): void {
  const families = subnets.map(({ family }) => family)
  const stray = ports.find((mapping) => !families.includes(familyOf(mapping) ?? families[0] ?? 4))
  if (stray === undefined) return
  const has = families.map((family) => `IPv${String(family)}`).join(' and ')
  throw configError(
    'published ports',
    `host address ${stray.hostIp ?? ''} (port ${String(stray.hostPort)}) cannot be used: ` +
      `containers have ${has} only`,
  )
}

/**
 * Publishes the ports of one attachment. Returns false if the kernel has one of them with
 * another target, or lacks the maps.
 */
export async function publish(record: AttachmentRecord): Promise<boolean> {
  return nftTry(renderPublish(record))
}

/**
 * Publishes the ports of all living attachments and no others, after `ruleset` in the same transaction.
 * @param added an attachment that counts as living even without a link
 * @returns what listings in `ruleset` printed
 */
export async function publishAll(
  stateDir: string,
  families: readonly Family[],
  ruleset: string,
  added?: AttachmentRecord,
): Promise<string> {
  const look = (): readonly AttachmentRecord[] => {
    const others = livingWithPorts(stateDir).filter(
      (record) => added === undefined || !isSameKey(record, added),
    )
    return added === undefined ? others : [...others, added]
  }
  for (let known = look(); ;) {
    const printed = await nftApply(ruleset + renderAllPorts(families, known))
    // A concurrent ADD may have written its record after our look, and its ports before our transaction.
    const now = look()
    if (isSameList(known, now)) return printed
    known = now
  }
}

/**
 * Withdraws the ports of one attachment, and publishes those that another network of its container has on
 * standby, in one transaction. Missing ports or tables are ignored. If another attachment has one of the
 * ports by now, the ports of all others are written again.
 * @param apply runs the transaction and returns whether the kernel accepted it
 * @throws CniError CommandRefused, TryAgainLater
 */
export async function withdraw(
  stateDir: string,
  record: AttachmentRecord,
  apply: (text: string) => Promise<boolean> = nftTry,
): Promise<void> {
  if (record.ports === undefined) return
  const heirs = await openStore(stateDir).handOver(record)
  if (await apply(renderWithdraw(record) + heirs.map((heir) => renderPublish(heir)).join(''))) return
  const others = livingWithPorts(stateDir).filter((other) => !isSameKey(other, record))
  for (const family of [4, 6] as const) {
    const listing = await nftList(listTable(family))
    if (listing?.includes('map zones-at {') ?? false) await nftApply(renderAllPorts([family], others))
  }
}

/** Returns the records of living attachments that have published ports. */
export function livingWithPorts(stateDir: string): readonly AttachmentRecord[] {
  return openStore(stateDir)
    .listWithPorts()
    .filter((record) => livenessOf(record) !== 'dead')
}

function isSameList(a: readonly AttachmentRecord[], b: readonly AttachmentRecord[]): boolean {
  const names = (records: readonly AttachmentRecord[]): string =>
    records
      .map((record) => `${keyText(record)} ${record.since}`)
      .toSorted()
      .join('\n')
  return names(a) === names(b)
}
