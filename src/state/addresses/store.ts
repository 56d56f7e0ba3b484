// The state of one host on disk: who holds which address, and what ADD did.
//
//   <stateDir>/leases/<address>                        who holds the address; made exclusively (leases.ts)
//   <stateDir>/attachments/<network>/<id>:<ifname>     what ADD did; written before its leases (records.ts)
//   <stateDir>/ports                                   who has which host port; a cache (port-file.ts)
//   <stateDir>/next.<subnet>                           where to look for a free address first; a cache
//                                                      (free-hint.ts)
//   <stateDir>/lock/                                   exists while a process reads, decides and writes
//                                                      (lock.ts)
//
// Leases are per host, not per network: two networks can use the same host subnet. Folders have mode 0700,
// files 0600; texts are JSON with sorted keys. A lease counts while the record of its key lists its address
// and is not dead.

import type { Ip } from '../../addr/ip.ts'
import { contains, parsePrefix, type Prefix } from '../../addr/prefix.ts'
import { leaseRange } from '../../addr/range.ts'
import { CniCode, CniError } from '../../cni/error.ts'
import { type AttachmentKey, type AttachmentRecord, describeKey, isSameAdd } from '../../net/attachment.ts'
import { removeFile } from '../files/atomic.ts'
import { forget } from './free-hint.ts'
import { holdingOf, leasedAddresses, removeLease } from './leases.ts'
import { withLockUnlessFull } from '../lock/lock.ts'
import { damagedRecord, listRecords, loadRecord, recordPath, replaceRecord } from './records.ts'
import { hasManyPorts } from './port-file.ts'
import { handOverPorts, hasHeirs } from './port-heirs.ts'
import { dropPorts, recordsWithPorts } from './ports.ts'
import { type Reservation, type ReserveRequest, reserve } from './reserve.ts'

/**
 * @throws CniError, from every method: IoFailure if a file cannot be used; writing methods also TryAgainLater
 * if the lock stays taken
 */
export interface Store {
  /**
   * Leases one address per wanted subnet and writes the record, phase 'adding'. If it throws, nothing was
   * changed.
   * @throws CniError InterfaceExists if the key is attached already, TryAgainLater while another process adds
   * it, InvalidConfig or AddressTaken for an address asked for by name, PortTaken, RangeExhausted,
   * StateDamaged
   */
  readonly reserve: (request: ReserveRequest) => Promise<Reservation>
  /** Ends the ADD: the record gets phase 'up'. @throws CniError TryAgainLater if a DEL came in between */
  readonly commit: (record: AttachmentRecord) => Promise<AttachmentRecord>
  /** Undoes a reservation, unless another process has removed or replaced its record since. */
  readonly abandon: (record: AttachmentRecord) => Promise<void>
  /** Returns the record of a key, if any. @throws CniError StateDamaged that names the file */
  readonly read: (key: AttachmentKey) => AttachmentRecord | undefined
  /** Returns the record of a key, if there is one that can be read. */
  readonly peek: (key: AttachmentKey) => AttachmentRecord | undefined
  /** Releases the addresses and removes the record, damaged or not. Does nothing if there is none. */
  readonly release: (key: AttachmentKey) => Promise<void>
  /** Returns all records, and the paths of damaged ones. */
  readonly list: () => { readonly records: AttachmentRecord[]; readonly damaged: string[] }
  /**
   * Hands the host ports of an attachment that ends to other networks of its container. Returns the records
   * that inherit ports, for the caller to publish.
   */
  readonly handOver: (record: AttachmentRecord) => Promise<readonly AttachmentRecord[]>
  /** Returns the records that have host ports. */
  readonly listWithPorts: () => readonly AttachmentRecord[]
  /** Returns whether hundreds of host ports or more are published. */
  readonly hasManyPorts: () => boolean
  /** Returns how many addresses of a subnet are leased, to living or dead attachments. */
  readonly countLeased: (subnet: Prefix) => number
}

/** Opens the store in a folder, which the first reservation makes. Opening reads nothing. */
export function openStore(stateDir: string): Store {
  return {
    reserve: (request) => reserve(stateDir, request),
    commit: (record) => commit(stateDir, record),
    abandon: (record) => release(stateDir, record, record),
    read: (key) => read(stateDir, key),
    peek: (key) => peek(stateDir, key),
    release: (key) => release(stateDir, key),
    list: () => listRecords(stateDir),
    handOver: (record) => handOver(stateDir, record),
    listWithPorts: () => recordsWithPorts(stateDir),
    hasManyPorts: () => hasManyPorts(stateDir),
    countLeased: (subnet) => countLeased(stateDir, subnet),
  }
}

// Takes no lock. If a DEL comes between the look and the replacement, the record describes an attachment
// without a link, which counts as dead and is reclaimed.
async function commit(stateDir: string, record: AttachmentRecord): Promise<AttachmentRecord> {
  const found = read(stateDir, record)
  if (found?.phase !== 'adding' || !isSameAdd(found, record)) {
    throw new CniError(
      CniCode.TryAgainLater,
      'attachment was removed while it was being added',
      `${describeKey(record)}: another process released or replaced ` +
        `${recordPath(stateDir, record)}; try again`,
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

// Leases first, so that no lease outlives its record.
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
      // Only the leases tell which addresses it had. The cache of free addresses corrects itself when the
      // range seems full.
      for (const ip of leasedAddresses(stateDir)) giveBack(stateDir, key, ip)
    } else {
      for (const prefix of loaded.record.addresses.flatMap((text) => parsePrefix(text) ?? [])) {
        if (giveBack(stateDir, key, prefix)) forget(stateDir, leaseRange(prefix), prefix, key)
      }
    }
    if ('problem' in loaded || (loaded.record.ports ?? loaded.record.standby) !== undefined)
      dropPorts(stateDir, key)
    removeFile(recordPath(stateDir, key))
  })
}

async function handOver(stateDir: string, record: AttachmentRecord): Promise<readonly AttachmentRecord[]> {
  if (!hasHeirs(stateDir, record)) return []
  return withLockUnlessFull(stateDir, () => handOverPorts(stateDir, record))
}

// Keeps a lease of another key: the address of a dead attachment may have gone to a living one since. Removes
// a lease that no record claims: it is damaged, or damage replaced its name.
function giveBack(stateDir: string, key: AttachmentKey, ip: Ip): boolean {
  const holding = holdingOf(stateDir, ip, key)
  const ours = holding.state === 'mine' || (holding.state === 'stale' && holding.record === undefined)
  return ours && removeLease(stateDir, ip, holding.text)
}

function countLeased(stateDir: string, subnet: Prefix): number {
  return leasedAddresses(stateDir).filter((ip) => contains(subnet, ip)).length
}
