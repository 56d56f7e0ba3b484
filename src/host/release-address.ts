// Gives one address back by hand.

import { type Ip, formatIp, parseIp } from '../addr/ip.ts'
import { CniCode, CniError } from '../cni/error.ts'
import { type AttachmentKey, describeKey, hostLinkName, isSameKey } from '../net/attachment.ts'
import { linkExists } from '../state/liveness.ts'
import { openStore } from '../state/store.ts'
import { removeOrphanLease } from '../state/sweep.ts'
import { type HeldAddress, heldAddresses } from './addresses.ts'
import { detachLinks } from './attach.ts'
import type { DamagedRecord } from './damaged-records.ts'
import { removeAttachment } from './remove-attachment.ts'

/** What was released: all addresses of the attachment, since they come and go together. */
export interface Released {
  readonly addresses: readonly string[]
  readonly holder: string
  /** The container lived, and has no network any more. */
  readonly wasAlive: boolean
}

/**
 * Releases an address. One that a living container holds, or might hold, is refused unless `force`; its link is then taken
 * away as well, or two containers would come to have one address.
 * @throws CniError ContainerUnknown when nobody holds it, AddressTaken, TryAgainLater while somebody adds it, StateDamaged
 *   when nothing tells who holds it
 */
export async function releaseAddress(stateDir: string, ip: Ip, force: boolean, now: Date): Promise<Released> {
  const address = formatIp(ip)
  const all = heldAddresses(stateDir, now)
  const held = all.addresses.find((each) => each.address === address)
  if (held === undefined)
    throw new CniError(
      CniCode.ContainerUnknown,
      `${address} is not leased`,
      'flatnet-cni ipam list shows the addresses that are',
    )
  const { record, state } = held
  if (state === 'unreadable' && held.holder === undefined) throw nobodyKnows(address, all.damaged)
  const isSafe = state === 'stale' || state === 'orphan'
  if (!isSafe && !force) throw inUse(held)
  if (record !== undefined) {
    if (!(await removeAttachment(stateDir, record))) throw busy(held)
    const wasAlive = state === 'up'
    return { addresses: record.addresses.map(bare), holder: describeKey(record), wasAlive }
  }
  if (state === 'orphan' || held.holder === undefined) {
    if (!(await removeOrphanLease(stateDir, ip))) throw busy(held)
    return { addresses: [address], holder: holderText(held), wasAlive: false }
  }
  return releaseUnread(stateDir, held.holder, all.addresses)
}

// As DEL does it: the link's name follows from the key, and it goes before the leases, so that an address is free only when
// nobody has it on a link.
async function releaseUnread(
  stateDir: string,
  holder: AttachmentKey,
  all: readonly HeldAddress[],
): Promise<Released> {
  const hostLink = hostLinkName(holder)
  const wasAlive = linkExists(hostLink)
  await detachLinks(hostLink)
  await openStore(stateDir).release(holder)
  const addresses = all
    .filter((each) => each.holder !== undefined && isSameKey(each.holder, holder))
    .map((each) => each.address)
  // Without a record there was nothing that release could go by.
  for (const ip of addresses.flatMap((text) => parseIp(text) ?? [])) await removeOrphanLease(stateDir, ip)
  return { addresses, holder: describeKey(holder), wasAlive }
}

/** "c1 eth0 of network flatnet" */
export function holderText({ holder }: HeldAddress): string {
  return holder === undefined ? 'nobody knows whom' : describeKey(holder)
}

/** An address as somebody typed it. @throws CniError InvalidConfig */
export function typedAddress(text: string): Ip {
  const ip = parseIp(text)
  if (ip !== undefined) return ip
  throw new CniError(
    CniCode.InvalidConfig,
    `${JSON.stringify(text)} is no address`,
    'give one like 10.87.1.10, without a length',
  )
}

function inUse(held: HeldAddress): CniError {
  const why = held.why === '' ? '' : ` (${held.why})`
  return new CniError(
    CniCode.AddressTaken,
    `${held.address} is in use`,
    `by ${holderText(held)}${why}; stop that container, which gives it back, or use --force, which takes its network away`,
  )
}

function nobodyKnows(address: string, damaged: readonly DamagedRecord[]): CniError {
  const paths = damaged.map(({ path }) => path).join(', ')
  return new CniError(
    CniCode.StateDamaged,
    `nobody knows whose ${address} is`,
    `its lease is damaged, and its holder may be that of a damaged record (${paths}); stop that container, then flatnet-cni gc`,
  )
}

function busy(held: HeldAddress): CniError {
  return new CniError(
    CniCode.TryAgainLater,
    `${held.address} is being worked on`,
    `${holderText(held)} is just being added or removed; look again with flatnet-cni ipam show ${held.address}`,
  )
}

function bare(address: string): string {
  return address.replace(/\/.*/, '')
}
