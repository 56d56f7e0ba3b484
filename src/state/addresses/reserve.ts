// The first half of an ADD. Determines whether the key may be added, chooses its addresses, and writes record
// and leases. The order of writes lets the next call repair what a killed one left.

import type { Ip } from '../../addr/ip.ts'
import { formatIp } from '../../addr/ip.ts'
import { contains, formatPrefix, type Prefix, parsePrefix } from '../../addr/prefix.ts'
import { leaseRange } from '../../addr/range.ts'
import type { Span } from '../../addr/span.ts'
import { CniCode, CniError } from '../../cni/error.ts'
import {
  type AttachmentKey,
  type AttachmentRecord,
  describeKey,
  type NetnsIdentity,
} from '../../net/attachment.ts'
import type { PortMapping } from '../../net/ports/mapping.ts'
import { makeFolder, removeFile } from '../files/atomic.ts'
import { chooseAddress, type WantedAddress } from './choose.ts'
import { forget } from './free-hint.ts'
import { createLease, holdingOf, leaseFolder, removeLease } from './leases.ts'
import { livenessOf } from '../liveness.ts'
import { isSameNetns } from '../../kernel/presence.ts'
import { isLeftover } from './damaged-record.ts'
import { withLock } from '../lock/lock.ts'
import { takePorts, type GrantedPorts } from './ports.ts'
import {
  createRecord,
  damagedRecord,
  loadRecord,
  recordFolder,
  recordPath,
  replaceRecord,
} from './records.ts'

/** A subnet to take one address from; at most one per family. */
interface WantedSubnet {
  readonly subnet: Prefix
  /** The spans to choose from. If empty or left out, the whole range. */
  readonly within?: readonly Span[]
}

/** The request of an ADD. */
export interface ReserveRequest {
  readonly key: AttachmentKey
  /** The container's namespace. An ADD takes the attachment over if its record names another namespace. */
  readonly netns: NetnsIdentity
  /** Whether to take over a living attachment of the key in this namespace, too. */
  readonly replaces: boolean
  readonly wanted: readonly WantedSubnet[]
  /** Addresses asked for by name, at most one per family. */
  readonly requested: readonly Ip[]
  /** Host ports asked for. */
  readonly ports?: readonly PortMapping[]
  /**
   * Makes the record to write, phase 'adding'. The addresses have the prefix length of their subnet, and
   * `granted` comes from {@link takePorts}. May be called again.
   */
  readonly makeRecord: (addresses: readonly Prefix[], granted: GrantedPorts) => AttachmentRecord
}

/** The result of a reservation. */
export interface Reservation {
  /** One per wanted subnet, in the same order. */
  readonly addresses: readonly Prefix[]
  readonly record: AttachmentRecord
  /** The same key's earlier attachment, which may have left its host link and rules. */
  readonly superseded?: AttachmentRecord
  /** Dead attachments of other keys that lost an address to this one, and may have left their rules. */
  readonly reclaimed: readonly AttachmentRecord[]
}

// Only a process that went on after losing its lock can interfere. More than a few times in a row is a fault.
const MOST_TRIES = 20

/** Reserves addresses and ports. See {@link Store.reserve}. */
export async function reserve(stateDir: string, request: ReserveRequest): Promise<Reservation> {
  const wanted = pairUp(request)
  makeFolder(leaseFolder(stateDir))
  makeFolder(recordFolder(stateDir, request.key.network))
  return withLock(stateDir, async (isLost) => {
    const superseded = predecessor(stateDir, request)
    const granted = takePorts(stateDir, request.key, request.ports ?? [])
    const reclaimed: AttachmentRecord[] = []
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const addresses: Prefix[] = []
      for (const { range, requested, within } of wanted) {
        const kept = superseded?.addresses
          .map(parsePrefix)
          .find((old) => old !== undefined && contains(range.subnet, old))
        const want: WantedAddress = { range, requested, within, kept, key: request.key, reclaimed, isLost }
        addresses.push({ ...(await chooseAddress(stateDir, want)), length: range.subnet.length })
      }
      const record = request.makeRecord(addresses, granted)
      if (occupy(stateDir, record, addresses, superseded)) {
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

// Pairs each wanted subnet with the address asked for in its family.
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
        "request an address of this host's subnet, or none",
    )
  }
  return wanted.map(({ subnet, within = [] }) => ({
    range: leaseRange(subnet),
    within,
    requested: requested.find((ip) => ip.family === subnet.family),
  }))
}

// Returns the record that this ADD replaces, if it may. CNI SPEC 1.1.0, section 2, ADD: a runtime must not
// add a pair twice without a DEL. After a crash or a reboot it does, so an attachment that provably ended is
// no obstacle.
function predecessor(
  stateDir: string,
  { key, netns, replaces }: ReserveRequest,
): AttachmentRecord | undefined {
  const loaded = loadRecord(stateDir, key)
  if (loaded === undefined) return undefined
  if ('problem' in loaded) {
    if (!isLeftover(loaded.path, key)) throw damagedRecord(loaded.path, loaded.problem)
    removeFile(loaded.path)
    return undefined
  }
  const { record } = loaded
  const liveness = livenessOf(record)
  if (liveness === 'adding') {
    throw new CniError(
      CniCode.TryAgainLater,
      'attachment is being added',
      `${describeKey(key)} is being added by process ${String(record.owner.pid)} ` +
        `since ${record.since}; try again`,
    )
  }
  if (!replaces && liveness === 'alive' && record.phase === 'up' && isSameNetns(record.netns, netns)) {
    throw new CniError(
      CniCode.InterfaceExists,
      'attachment exists',
      `${describeKey(key)} has ${record.addresses.join(' and ')} since ${record.since}; ` +
        'a DEL must come first',
    )
  }
  return record
}

// Writes the record first, so that every lease has a record. A failure restores the earlier state.
function occupy(
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

// Drops the leases of the earlier attachment that the new one does not use.
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
