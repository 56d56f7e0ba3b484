// The state of one host on disk: who holds which address, and what ADD did.
//
//   <stateDir>/leases/<address>                          who holds the address; made exclusively (leases.ts)
//   <stateDir>/attachments/<network>/<id>:<ifname>       what ADD did; written before its leases (records.ts)
//   <stateDir>/ports                                     who has which host port; a cache (ports.ts)
//   <stateDir>/next.<subnet>                             where to look for a free address first; a cache (hint.ts)
//   <stateDir>/lock/                                     there while a process reads, decides and writes (lock.ts)
//
// Leases are per host, not per network: two networks can use the same host subnet. Folders have mode 0700, files 0600;
// texts are JSON with sorted keys. A lease counts while the record of its key lists its address and is not dead.

import type { Ip } from '../addr/ip.ts'
import { contains, parsePrefix, type Prefix } from '../addr/prefix.ts'
import { leaseRange } from '../addr/range.ts'
import { CniCode, CniError } from '../cni/error.ts'
import { type AttachmentKey, type AttachmentRecord, describeKey, isSameAdd } from '../net/attachment.ts'
import { removeFile } from './atomic.ts'
import { forget } from './hint.ts'
import { holdingOf, leasedAddresses, removeLease } from './leases.ts'
import { withLockUnlessFull } from './lock.ts'
import { damagedRecord, listRecords, loadRecord, recordPath, replaceRecord } from './records.ts'
import { dropPorts, recordsWithPorts } from './ports.ts'
import { type Reservation, type ReserveRequest, reserve } from './reserve.ts'

/** Every method throws CniError IoFailure when a file cannot be used, those that write TryAgainLater on a taken lock. */
export interface Store {
  /**
   * Leases one address per wanted subnet and writes the record, phase 'adding'. Throws CniError InterfaceExists when
   * the key is attached already, TryAgainLater while another process adds it, InvalidConfig or AddressTaken for an
   * address asked for by name, PortTaken, RangeExhausted, StateDamaged; then nothing was changed.
   */
  readonly reserve: (request: ReserveRequest) => Promise<Reservation>
  /** Ends the ADD: the record gets phase 'up'. Throws CniError TryAgainLater when a DEL has come in between. */
  readonly commit: (record: AttachmentRecord) => Promise<AttachmentRecord>
  /** Takes a reserve back, unless its record has been removed or replaced by another process since. */
  readonly abandon: (record: AttachmentRecord) => Promise<void>
  /** The record of a key, if any. Throws CniError StateDamaged naming the file. */
  readonly read: (key: AttachmentKey) => AttachmentRecord | undefined
  /** The same, passing over one that is damaged. */
  readonly peek: (key: AttachmentKey) => AttachmentRecord | undefined
  /** Gives the addresses back and removes the record, damaged or not; content when there is none. */
  readonly release: (key: AttachmentKey) => Promise<void>
  /** All records, of one network or all, and the paths of damaged ones. */
  readonly list: (network?: string) => { readonly records: AttachmentRecord[]; readonly damaged: string[] }
  /** The records that have host ports. */
  readonly listWithPorts: () => readonly AttachmentRecord[]
  /** Number of addresses of a subnet that are leased, whoever holds them. */
  readonly countLeased: (subnet: Prefix) => number
}

/** The store in a folder, which is made by the first reserve. Opening reads nothing. */
export function openStore(stateDir: string): Store {
  return {
    reserve: (request) => reserve(stateDir, request),
    commit: (record) => commit(stateDir, record),
    abandon: (record) => release(stateDir, record, record),
    read: (key) => read(stateDir, key),
    peek: (key) => peek(stateDir, key),
    release: (key) => release(stateDir, key),
    list: (network) => listRecords(stateDir, network),
    listWithPorts: () => recordsWithPorts(stateDir),
    countLeased: (subnet) => countLeased(stateDir, subnet),
  }
}

// Not under the lock: a DEL between the look and the replacement leaves the record of an attachment without a link,
// which counts as dead and is reclaimed.
async function commit(stateDir: string, record: AttachmentRecord): Promise<AttachmentRecord> {
  const found = read(stateDir, record)
  if (found?.phase !== 'adding' || !isSameAdd(found, record)) {
    throw new CniError(
      CniCode.TryAgainLater,
      'attachment was removed while it was being added',
      `${describeKey(record)}: another process released or replaced ${recordPath(stateDir, record)}; try again`,
    )
  }
  const up: AttachmentRecord = { ...record, phase: 'up' }
  replaceRecord(stateDir, up)
  return up
}

function read(stateDir: string, key: AttachmentKey): AttachmentRecord | undefined {
  const loaded = loadRecord(stateDir, key)
  if (loaded === undefined) return undefined
  if ('problem' in loaded) throw damagedRecord(loaded.path, loaded.problem)
  return loaded.record
}

function peek(stateDir: string, key: AttachmentKey): AttachmentRecord | undefined {
  const loaded = loadRecord(stateDir, key)
  return loaded !== undefined && 'record' in loaded ? loaded.record : undefined
}

// Leases first, so that a lease never outlives its record.
async function release(stateDir: string, key: AttachmentKey, only?: AttachmentRecord): Promise<void> {
  if (loadRecord(stateDir, key) === undefined) return
  await withLockUnlessFull(stateDir, () => {
    const loaded = loadRecord(stateDir, key)
    if (
      loaded === undefined ||
      (only !== undefined && !('record' in loaded && isSameAdd(loaded.record, only)))
    )
      return
    if ('problem' in loaded) {
      // Which addresses it had, only the leases can tell. The cache of free addresses finds out when the range seems full.
      for (const ip of leasedAddresses(stateDir)) giveBack(stateDir, key, ip)
    } else {
      for (const prefix of loaded.record.addresses.flatMap((text) => parsePrefix(text) ?? [])) {
        if (giveBack(stateDir, key, prefix)) forget(stateDir, leaseRange(prefix), prefix, key)
      }
    }
    if ('problem' in loaded || loaded.record.ports !== undefined) dropPorts(stateDir, key)
    removeFile(recordPath(stateDir, key))
  })
}

// Another's lease stays: the address of a dead attachment may have been given to a living one since. One that no record
// claims goes too: it is damaged, or damage has put another name into it.
function giveBack(stateDir: string, key: AttachmentKey, ip: Ip): boolean {
  const holding = holdingOf(stateDir, ip, key)
  const ours = holding.state === 'mine' || (holding.state === 'stale' && holding.record === undefined)
  return ours && removeLease(stateDir, ip, holding.text)
}

function countLeased(stateDir: string, subnet: Prefix): number {
  return leasedAddresses(stateDir).filter((ip) => contains(subnet, ip)).length
}
