// What garbage collection needs from the state: it finds leases without an attachment, and claims dead
// attachments before it removes them.

import { type Ip, formatIp } from '../../addr/ip.ts'
import { contains, parsePrefix, type Prefix } from '../../addr/prefix.ts'
import { leaseRange, offsetOf, rangeSize } from '../../addr/range.ts'
import { type AttachmentKey, type AttachmentRecord, isSameAdd, isSameKey } from '../../net/attachment.ts'
import { holdingOf, leasedAddresses, leaseOf, removeLease } from './leases.ts'
import { livenessOf } from '../liveness.ts'
import { thisProcess } from '../../kernel/presence.ts'
import { withLockUnlessFull } from '../lock/lock.ts'
import { loadRecord, replaceRecordAnyway } from './records.ts'

/** A lease without an attachment. `key` is undefined if the file is damaged. */
interface OrphanLease {
  readonly ip: Ip
  readonly key: AttachmentKey | undefined
}

// No runtime can use this key, so every lease belongs to another attachment.
const NO_HOLDER: AttachmentKey = { network: '', containerID: '', ifname: '' }

/**
 * Returns the leases that no record lists and whose container has no link. Leases of dead attachments are not
 * among them.
 * @param known addresses as canonical text that a record lists, which spares a look at their leases
 */
export function orphanLeases(stateDir: string, known: ReadonlySet<string>): readonly OrphanLease[] {
  return leasedAddresses(stateDir)
    .filter((ip) => !known.has(formatIp(ip)))
    .filter((ip) => isOrphan(stateDir, ip))
    .map((ip) => ({ ip, key: leaseOf(stateDir, ip) }))
}

/** Removes an orphan lease. Returns false if it is no longer an orphan. */
export function removeOrphanLease(stateDir: string, ip: Ip): Promise<boolean> {
  return withLockUnlessFull(stateDir, () => {
    const holding = holdingOf(stateDir, ip, NO_HOLDER)
    if (holding.state !== 'stale' || holding.record !== undefined) return false
    // The lease does not tell its subnet. The cache of free addresses corrects itself when the range seems
    // full.
    return removeLease(stateDir, ip, holding.text)
  })
}

function isOrphan(stateDir: string, ip: Ip): boolean {
  const holding = holdingOf(stateDir, ip, NO_HOLDER)
  return holding.state === 'stale' && holding.record === undefined
}

/**
 * Marks an attachment as being worked on by this process, so that no ADD of the same key comes in between.
 * Resolves to the claimed record, or to undefined if the record is no longer `seen` or another process is
 * working on it.
 */
export function claim(stateDir: string, seen: AttachmentRecord): Promise<AttachmentRecord | undefined> {
  return withLockUnlessFull(stateDir, () => {
    const loaded = loadRecord(stateDir, seen)
    if (loaded === undefined || !('record' in loaded) || !isSameAdd(loaded.record, seen)) return undefined
    if (livenessOf(loaded.record) === 'adding') return undefined
    const claimed: AttachmentRecord = { ...loaded.record, phase: 'adding', owner: thisProcess() }
    replaceRecordAnyway(stateDir, claimed)
    return claimed
  })
}

/** Returns the addresses of a record that its leases do not hold. */
export function lostLeases(stateDir: string, record: AttachmentRecord): readonly string[] {
  return record.addresses.filter((text) => {
    const ip = parsePrefix(text)
    const key = ip === undefined ? undefined : leaseOf(stateDir, ip)
    return key === undefined || !isSameKey(key, record)
  })
}

/**
 * Returns whether an ADD would find no address in this subnet. Reads the leases one by one only if their
 * number leaves no room.
 */
export function isExhausted(stateDir: string, subnet: Prefix): boolean {
  const range = leaseRange(subnet)
  const leased = leasedAddresses(stateDir).filter((ip) => {
    if (!contains(subnet, ip)) return false
    const offset = offsetOf(subnet, ip)
    return offset >= BigInt(range.first) && offset <= BigInt(range.last)
  })
  return (
    leased.length >= rangeSize(range) &&
    leased.every((ip) => holdingOf(stateDir, ip, NO_HOLDER).state === 'taken')
  )
}
