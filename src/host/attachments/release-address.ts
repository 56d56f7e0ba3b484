// Releases one address by hand.

import { bareAddress } from '../../addr/prefix.ts'
import { type Ip, formatIp, parseIp } from '../../addr/ip.ts'
import { CniCode, CniError } from '../../cni/error.ts'
import { type AttachmentKey, describeKey, hostLinkName, isSameKey } from '../../net/attachment.ts'
import { linkExists } from '../../kernel/presence.ts'
import { openStore } from '../../state/addresses/store.ts'
import { removeOrphanLease } from '../../state/addresses/claim-dead.ts'
import { type HeldAddress, heldAddresses } from './addresses.ts'
import { detachLinks } from './attach.ts'
import type { DamagedRecord } from './damaged-records.ts'
import { claimAndRemove } from './remove-claimed.ts'

/** What was released: all addresses of the attachment, because an attachment gets and loses them together. */
interface Released {
  readonly addresses: readonly string[]
  readonly holder: string
  /** Whether the container lived. It has no network now. */
  readonly wasAlive: boolean
}

/**
 * Releases an address. Refuses one that a living container holds, or may hold, unless `force`. Then its link
 * is removed too, so that no two containers get one address.
 * @throws CniError ContainerUnknown if the address is not leased, AddressTaken, TryAgainLater while another
 * process adds it, StateDamaged if nothing tells its holder
 */
export async function releaseAddress(stateDir: string, ip: Ip, force: boolean): Promise<Released> {
  const address = formatIp(ip)
  const all = heldAddresses(stateDir)
  const held = all.addresses.find((each) => each.address === address)
  if (held === undefined)
    throw new CniError(
      CniCode.ContainerUnknown,
      `${address} is not leased`,
      'flatnet-cni ipam list shows the addresses that are',
    )
  const { record, state } = held
  if (state === 'unreadable' && held.holder === undefined) throw unknownHolder(address, all.damaged)
  const isSafe = state === 'stale' || state === 'orphan'
  if (!isSafe && !force) throw inUse(held)
  if (record !== undefined) {
    if (!(await claimAndRemove(stateDir, record))) throw busy(held)
    const wasAlive = state === 'up'
    return { addresses: record.addresses.map(bareAddress), holder: describeKey(record), wasAlive }
  }
  if (state === 'orphan' || held.holder === undefined) {
    if (!(await removeOrphanLease(stateDir, ip))) throw busy(held)
    return { addresses: [address], holder: holderText(held), wasAlive: false }
  }
  return releaseUnread(stateDir, held.holder, all.addresses)
}

// Works as DEL does. The link's name follows from the key. The link goes before the leases, so that an
// address is free only when no link has it.
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
  // Without a record, the release had no list of addresses.
  for (const ip of addresses.flatMap((text) => parseIp(text) ?? [])) await removeOrphanLease(stateDir, ip)
  return { addresses, holder: describeKey(holder), wasAlive }
}

/** "c1 eth0 of network flatnet" */
function holderText({ holder }: HeldAddress): string {
  return holder === undefined ? 'an unknown container' : describeKey(holder)
}

/** Parses an address that an operator typed. @throws CniError InvalidConfig */
export function typedAddress(text: string): Ip {
  const ip = parseIp(text)
  if (ip !== undefined) return ip
  throw new CniError(
    CniCode.InvalidConfig,
    `${JSON.stringify(text)} is not an address`,
    'give one like 10.87.1.10, without a length',
  )
}

function inUse(held: HeldAddress): CniError {
  const why = held.why === '' ? '' : ` (${held.why})`
  return new CniError(
    CniCode.AddressTaken,
    `${held.address} is in use`,
    `by ${holderText(held)}${why}; stop that container, which releases it, ` +
      'or use --force, which takes its network away',
  )
}

function unknownHolder(address: string, damaged: readonly DamagedRecord[]): CniError {
  const paths = damaged.map(({ path }) => path).join(', ')
  return new CniError(
    CniCode.StateDamaged,
    `cannot tell which container holds ${address}`,
    `its lease is damaged, and its holder may be that of a damaged record (${paths}); ` +
      'stop that container, then run flatnet-cni gc',
  )
}

function busy(held: HeldAddress): CniError {
  return new CniError(
    CniCode.TryAgainLater,
    `${held.address} is being worked on`,
    `${holderText(held)} is being added or removed; ` +
      `look again with flatnet-cni ipam show ${held.address}`,
  )
}
