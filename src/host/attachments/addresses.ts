// Lists every address of this host that is leased or recorded, with its holder and whether the holder lives.

import { formatIp, type Ip, parseIp } from '../../addr/ip.ts'
import { parsePrefix } from '../../addr/prefix.ts'
import { type AttachmentKey, type AttachmentRecord, hostLinkName, isSameKey } from '../../net/attachment.ts'
import { leasedAddresses, leaseOf } from '../../state/addresses/leases.ts'
import { keyOfPath } from '../../state/addresses/records.ts'
import { openStore } from '../../state/addresses/store.ts'
import { orphanLeases } from '../../state/addresses/claim-dead.ts'
import { type DamagedRecord, explainDamaged } from './damaged-records.ts'
import { refuseWrongNamespace } from '../garbage/right-namespace.ts'
import { makeStaleTest } from '../garbage/stale.ts'

/**
 * 'unreadable': its record or its lease is missing or cannot be read, so it may be in
 * use. 'orphan': no record lists it.
 */
type AddressState = 'up' | 'adding' | 'stale' | 'orphan' | 'unreadable'

export interface HeldAddress {
  readonly address: string
  readonly holder: AttachmentKey | undefined
  readonly record: AttachmentRecord | undefined
  readonly state: AddressState
  /** How the state is known, in words; "" if there is nothing to say. */
  readonly why: string
}

export interface HeldAddresses {
  readonly addresses: readonly HeldAddress[]
  readonly damaged: readonly DamagedRecord[]
}

/**
 * Returns all of them in numerical order. @throws CniError IoFailure,
 * InvalidNetns in another network namespace
 */
export function heldAddresses(stateDir: string): HeldAddresses {
  const { records, damaged } = openStore(stateDir).list()
  refuseWrongNamespace(records)
  const whyStale = makeStaleTest()
  const byAddress = new Map<string, HeldAddress>()
  for (const record of records) {
    const stale = whyStale(record)
    const state = stale === undefined ? record.phase : 'stale'
    for (const ip of record.addresses.flatMap((text) => parsePrefix(text) ?? [])) {
      const address = formatIp(ip)
      // If several records have one address, the living one holds it.
      if (byAddress.get(address)?.state === 'up') continue
      byAddress.set(address, { address, holder: keyOf(record), record, state, why: stale ?? '' })
    }
  }
  const orphans = new Set(orphanLeases(stateDir, new Set(byAddress.keys())).map(({ ip }) => formatIp(ip)))
  for (const ip of leasedAddresses(stateDir)) {
    const address = formatIp(ip)
    if (byAddress.has(address)) continue
    byAddress.set(address, withoutRecord(stateDir, ip, orphans.has(address), damaged))
  }
  return { addresses: [...byAddress.values()].toSorted(byNumber), damaged: explainDamaged(stateDir, damaged) }
}

function withoutRecord(stateDir: string, ip: Ip, isOrphan: boolean, damaged: readonly string[]): HeldAddress {
  const address = formatIp(ip)
  const holder = leaseOf(stateDir, ip)
  const shared = { address, holder, record: undefined }
  if (isOrphan) return { ...shared, state: 'orphan', why: 'no record lists it, and its link does not exist' }
  const path = damaged.find((each) => {
    const key = keyOfPath(each)
    return holder !== undefined && key !== undefined && isSameKey(key, holder)
  })
  return { ...shared, state: 'unreadable', why: whyUnreadable(holder, path) }
}

function whyUnreadable(holder: AttachmentKey | undefined, record: string | undefined): string {
  if (holder === undefined) return 'its lease cannot be read'
  if (record !== undefined) return `its record ${record} cannot be read`
  return `its record is missing, and its link ${hostLinkName(holder)} exists`
}

function keyOf({ network, containerID, ifname }: AttachmentRecord): AttachmentKey {
  return { network, containerID, ifname }
}

function byNumber(a: HeldAddress, b: HeldAddress): number {
  const [left, right] = [parseIp(a.address), parseIp(b.address)]
  if (left === undefined || right === undefined) return 0
  return left.family - right.family || (left.value < right.value ? -1 : left.value > right.value ? 1 : 0)
}
