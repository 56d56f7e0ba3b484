// Gives one address back by hand.

import { type Ip, formatIp, parseIp } from '../addr/ip.ts'
import { CniCode, CniError } from '../cni/error.ts'
import { describeKey } from '../net/attachment.ts'
import { openStore } from '../state/store.ts'
import { removeOrphanLease } from '../state/sweep.ts'
import { type HeldAddress, heldAddresses } from './addresses.ts'
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
 * @throws CniError ContainerUnknown when nobody holds it, AddressTaken, TryAgainLater while somebody adds it
 */
export async function releaseAddress(stateDir: string, ip: Ip, force: boolean, now: Date): Promise<Released> {
  const address = formatIp(ip)
  const held = heldAddresses(stateDir, now).addresses.find((each) => each.address === address)
  if (held === undefined)
    throw new CniError(
      CniCode.ContainerUnknown,
      `${address} is not leased`,
      'flatnet-cni ipam list shows the addresses that are',
    )
  const { record, state } = held
  const isSafe = state === 'stale' || state === 'orphan'
  if (!isSafe && !force) throw inUse(held)
  if (record !== undefined) {
    if (!(await removeAttachment(stateDir, record))) throw busy(held)
    const wasAlive = state === 'up'
    return { addresses: record.addresses.map(bare), holder: describeKey(record), wasAlive }
  }
  if (state !== 'orphan' && held.holder !== undefined) {
    await openStore(stateDir).release(held.holder)
    return { addresses: [address], holder: describeKey(held.holder), wasAlive: false }
  }
  if (!(await removeOrphanLease(stateDir, ip))) throw busy(held)
  return { addresses: [address], holder: holderText(held), wasAlive: false }
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
