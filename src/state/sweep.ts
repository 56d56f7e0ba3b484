// What GC asks of the state: leases that nobody answers for, and attachments taken out of everybody's hands before they
// are removed.

import { type Ip, formatIp } from '../addr/ip.ts'
import { contains, parsePrefix, type Prefix } from '../addr/prefix.ts'
import { leaseRange, offsetOf, rangeSize } from '../addr/range.ts'
import { type AttachmentKey, type AttachmentRecord, isSameAdd, isSameKey } from '../net/attachment.ts'
import { holdingOf, leasedAddresses, leaseOf, removeLease } from './leases.ts'
import { judge, thisProcess } from './liveness.ts'
import { withLock } from './lock.ts'
import { loadRecord, replaceRecord } from './records.ts'

/** A lease without an attachment. `key` is undefined when the file is damaged. */
export interface OrphanLease {
  readonly ip: Ip
  readonly key: AttachmentKey | undefined
}

// No runtime can call an attachment so, hence every lease is seen as another's.
const NOBODY: AttachmentKey = { network: '', containerID: '', ifname: '' }

/**
 * Leases that no record speaks of and whose container has no link; those of dead attachments are not among them.
 * @param known addresses as canonical text that need no look because a record lists them
 */
export function orphanLeases(stateDir: string, known: ReadonlySet<string>): readonly OrphanLease[] {
  return leasedAddresses(stateDir)
    .filter((ip) => !known.has(formatIp(ip)))
    .filter((ip) => isOrphan(stateDir, ip))
    .map((ip) => ({ ip, key: leaseOf(stateDir, ip) }))
}

/** Removes an orphan lease; false when it is none any more. */
export function removeOrphanLease(stateDir: string, ip: Ip): Promise<boolean> {
  return withLock(stateDir, () => {
    const holding = holdingOf(stateDir, ip, NOBODY)
    if (holding.state !== 'stale' || holding.record !== undefined) return false
    // Of which subnet it was, nothing tells; the cache of free addresses finds out when the range seems full.
    return removeLease(stateDir, ip, holding.text)
  })
}

function isOrphan(stateDir: string, ip: Ip): boolean {
  const holding = holdingOf(stateDir, ip, NOBODY)
  return holding.state === 'stale' && holding.record === undefined
}

/**
 * Marks an attachment as being worked on by this process, so that no ADD of the same key comes in between. Resolves to the
 * record as it stands now, or undefined when it is another one than `seen`, or somebody else is at it.
 */
export function claim(stateDir: string, seen: AttachmentRecord): Promise<AttachmentRecord | undefined> {
  return withLock(stateDir, () => {
    const loaded = loadRecord(stateDir, seen)
    if (loaded === undefined || !('record' in loaded) || !isSameAdd(loaded.record, seen)) return undefined
    if (judge(loaded.record) === 'adding') return undefined
    const claimed: AttachmentRecord = { ...loaded.record, phase: 'adding', owner: thisProcess() }
    replaceRecord(stateDir, claimed)
    return claimed
  })
}

/** The addresses of a record whose lease is not held by it. */
export function lostLeases(stateDir: string, record: AttachmentRecord): readonly string[] {
  return record.addresses.filter((text) => {
    const ip = parsePrefix(text)
    const key = ip === undefined ? undefined : leaseOf(stateDir, ip)
    return key === undefined || !isSameKey(key, record)
  })
}

/** Whether an ADD would find no address in this subnet. Lists the leases; looks at each only when there is no room. */
export function isExhausted(stateDir: string, subnet: Prefix): boolean {
  const range = leaseRange(subnet)
  const leased = leasedAddresses(stateDir).filter((ip) => {
    if (!contains(subnet, ip)) return false
    const offset = offsetOf(subnet, ip)
    return offset >= BigInt(range.first) && offset <= BigInt(range.last)
  })
  return (
    leased.length >= rangeSize(range) &&
    leased.every((ip) => holdingOf(stateDir, ip, NOBODY).state === 'taken')
  )
}
