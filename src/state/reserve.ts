// The first half of an ADD: finds out whether the key may be added at all, chooses its addresses, and writes record and
// leases in an order that leaves nothing behind which the next call cannot put right, wherever this one is killed.

import type { Ip } from '../addr/ip.ts'
import { formatIp } from '../addr/ip.ts'
import { contains, formatPrefix, type Prefix, parsePrefix } from '../addr/prefix.ts'
import { leaseRange } from '../addr/range.ts'
import type { Span } from '../addr/span.ts'
import { CniCode, CniError } from '../cni/error.ts'
import {
  type AttachmentKey,
  type AttachmentRecord,
  describeKey,
  hostLinkName,
  type NetnsIdentity,
} from '../net/attachment.ts'
import type { PortMapping } from '../net/port-mapping.ts'
import { makeFolder, removeFile } from './atomic.ts'
import { chooseAddress, type WantedAddress } from './choose.ts'
import { forget } from './hint.ts'
import { createLease, holdingOf, leaseFolder, removeLease } from './leases.ts'
import { isFromEarlierBoot, isSameNetns, judge, linkExists } from './liveness.ts'
import { withLock } from './lock.ts'
import { claimPorts } from './ports.ts'
import {
  createRecord,
  damagedRecord,
  loadRecord,
  recordFolder,
  recordPath,
  replaceRecord,
} from './records.ts'

/** One subnet to take one address from; at most one per family. */
export interface WantedSubnet {
  readonly subnet: Prefix
  /** Where in it to choose from; empty or left out: anywhere. */
  readonly within?: readonly Span[]
}

/** What an ADD asks for. */
export interface ReserveRequest {
  readonly key: AttachmentKey
  /** The container's namespace: an ADD in another one than the record's takes the attachment over. */
  readonly netns: NetnsIdentity
  readonly wanted: readonly WantedSubnet[]
  /** Addresses asked for by name, at most one per family. */
  readonly requested: readonly Ip[]
  /** Host ports asked for. */
  readonly ports?: readonly PortMapping[]
  /**
   * The record to write, phase 'adding', for addresses with the prefix length of their subnet and the host ports that it
   * got ({@link claimPorts}). May be called again.
   */
  readonly makeRecord: (addresses: readonly Prefix[], ports: readonly PortMapping[]) => AttachmentRecord
}

/** What an ADD got. */
export interface Reservation {
  /** One per wanted subnet, in that order. */
  readonly addresses: readonly Prefix[]
  readonly record: AttachmentRecord
  /** The same key's earlier attachment, whose host link and rules may have been left over. */
  readonly superseded?: AttachmentRecord
  /** Dead attachments of other keys that lost an address to this one; their rules may have been left over. */
  readonly reclaimed: readonly AttachmentRecord[]
}

// Only a process that went on after losing its lock can get in between; more than a few in a row is no accident.
const MOST_TRIES = 20

/** See {@link Store.reserve}. */
export async function reserve(stateDir: string, request: ReserveRequest): Promise<Reservation> {
  const wanted = pairUp(request)
  makeFolder(leaseFolder(stateDir))
  makeFolder(recordFolder(stateDir, request.key.network))
  return withLock(stateDir, async (signal) => {
    const superseded = predecessor(stateDir, request)
    const ports = claimPorts(stateDir, request.key, request.ports ?? [])
    const reclaimed: AttachmentRecord[] = []
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const addresses: Prefix[] = []
      for (const { range, requested, within } of wanted) {
        const kept = superseded?.addresses
          .map(parsePrefix)
          .find((old) => old !== undefined && contains(range.subnet, old))
        const want: WantedAddress = { range, requested, within, kept, key: request.key, reclaimed, signal }
        addresses.push({ ...(await chooseAddress(stateDir, want)), length: range.subnet.length })
      }
      const record = request.makeRecord(addresses, ports)
      if (claim(stateDir, record, addresses, superseded)) {
        if (superseded !== undefined) dropOthers(stateDir, superseded, addresses)
        return { addresses, record, reclaimed, ...(superseded === undefined ? {} : { superseded }) }
      }
    }
    throw new CniError(
      CniCode.TryAgainLater,
      'addresses are taken faster than they can be chosen',
      `${stateDir}: another process writes here without waiting for the lock; try again`,
    )
  })
}

// Each wanted subnet with the address asked for in its family.
function pairUp({
  wanted,
  requested,
}: ReserveRequest): Pick<WantedAddress, 'range' | 'requested' | 'within'>[] {
  const stray = requested.find((ip) => !wanted.some(({ subnet }) => subnet.family === ip.family))
  if (stray !== undefined) {
    throw new CniError(
      CniCode.InvalidConfig,
      'requested address cannot be used',
      `${formatIp(stray)} is outside ${wanted.map(({ subnet }) => formatPrefix(subnet)).join(' and ')}; ` +
        "ask for an address of this host's subnet, or for none",
    )
  }
  return wanted.map(({ subnet, within = [] }) => ({
    range: leaseRange(subnet),
    within,
    requested: requested.find((ip) => ip.family === subnet.family),
  }))
}

// The record that this ADD replaces, if it may. CNI SPEC 1.1.0, section 2, ADD: a runtime must not add a pair twice
// without a DEL; but it does after a crash or a reboot, so what is provably gone does not stand in its way.
function predecessor(stateDir: string, { key, netns }: ReserveRequest): AttachmentRecord | undefined {
  const loaded = loadRecord(stateDir, key)
  if (loaded === undefined) return undefined
  if ('problem' in loaded) {
    if (linkExists(hostLinkName(key)) || !isFromEarlierBoot(loaded.path))
      throw damagedRecord(loaded.path, loaded.problem)
    removeFile(loaded.path)
    return undefined
  }
  const { record } = loaded
  const verdict = judge(record)
  if (verdict === 'adding') {
    throw new CniError(
      CniCode.TryAgainLater,
      'attachment is being added',
      `${describeKey(key)} is being added by process ${String(record.owner.pid)} since ${record.since}; try again`,
    )
  }
  if (verdict === 'alive' && record.phase === 'up' && isSameNetns(record.netns, netns)) {
    throw new CniError(
      CniCode.InterfaceExists,
      'attachment exists',
      `${describeKey(key)} has ${record.addresses.join(' and ')} since ${record.since}; a DEL must come first`,
    )
  }
  return record
}

// Record first, so that every lease has a record. On any failure what was there before stands again.
function claim(
  stateDir: string,
  record: AttachmentRecord,
  addresses: readonly Prefix[],
  superseded: AttachmentRecord | undefined,
): boolean {
  if (superseded !== undefined) replaceRecord(stateDir, record)
  else if (!createRecord(stateDir, record)) return false
  const taken: Ip[] = []
  let complete = false
  try {
    complete = addresses.every((ip) => {
      if (!createLease(stateDir, ip, record, record.since))
        return holdingOf(stateDir, ip, record).state === 'mine'
      taken.push(ip)
      return true
    })
  } finally {
    if (!complete) {
      for (const ip of taken) dropLease(stateDir, ip, record)
      if (superseded === undefined) removeFile(recordPath(stateDir, record))
      else replaceRecord(stateDir, superseded)
    }
  }
  return complete
}

// Leases of the earlier attachment that the new one has no use for.
function dropOthers(stateDir: string, superseded: AttachmentRecord, addresses: readonly Prefix[]): void {
  for (const text of superseded.addresses) {
    const old = parsePrefix(text)
    if (
      old === undefined ||
      addresses.some(({ family, value }) => family === old.family && value === old.value)
    )
      continue
    dropLease(stateDir, old, superseded)
    forget(stateDir, leaseRange(old), old)
  }
}

function dropLease(stateDir: string, ip: Ip, key: AttachmentKey): void {
  const holding = holdingOf(stateDir, ip, key)
  if (holding.state === 'mine') removeLease(stateDir, ip, holding.text)
}
