// Lease files: <stateDir>/leases/<address>. There is one per address of this host, not of each network,
// because two networks may use the same host subnet. The file decides who holds the address.

import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { type Ip, formatIp, parseIp } from '../../addr/ip.ts'
import { parsePrefix } from '../../addr/prefix.ts'
import {
  type AttachmentKey,
  type AttachmentRecord,
  describeKey,
  hostLinkName,
  isSameKey,
  keyProblem,
} from '../../net/attachment.ts'
import { sortedJson } from '../../net/attachment-text.ts'
import { createFile, readText, removeFileHolding } from '../files/atomic.ts'
import { livenessOf } from '../liveness.ts'
import { linkExists } from '../../kernel/presence.ts'
import { isLeftover } from './damaged-record.ts'
import { listRecords, loadRecord, namesIn } from './records.ts'
import { withoutTemporary } from '../files/temporary.ts'

/** A lease as text: the holder of the address, and since when (ISO 8601). */
interface Lease extends AttachmentKey {
  readonly version: 1
  readonly address: string
  readonly since: string
}

/**
 * What is known about an address. 'mine': the asking key holds it. 'stale': its holder is dead, and {@link
 * removeLease} may free it; `record` belongs to the dead attachment. 'taken': `holder` describes the living
 * holder.
 */
type Holding =
  | { readonly state: 'free' }
  | { readonly state: 'mine'; readonly text: string }
  | {
      readonly state: 'stale'
      readonly text: string
      readonly record?: AttachmentRecord
    }
  | { readonly state: 'taken'; readonly holder: string; readonly since: string }

/** Returns the folder of the lease files. */
export function leaseFolder(stateDir: string): string {
  return join(stateDir, 'leases')
}

/** Returns whether the address has a lease file. */
export function isLeased(stateDir: string, ip: Ip): boolean {
  return existsSync(leasePath(stateDir, ip))
}

/**
 * Takes an address for a key. Returns false if a lease file exists; of two processes that try, one succeeds.
 */
export function createLease(stateDir: string, ip: Ip, key: AttachmentKey, since: string): boolean {
  const { network, containerID, ifname } = key
  const lease: Lease = { version: 1, address: formatIp(ip), network, containerID, ifname, since }
  // Not durable: no attachment survives a power failure, and a damaged lease without a claimant is reclaimed.
  return createFile(leasePath(stateDir, ip), sortedJson(lease))
}

/** Removes the lease that was seen as `text`. Returns false if another lease has replaced it. */
export function removeLease(stateDir: string, ip: Ip, text: string): boolean {
  return removeFileHolding(leasePath(stateDir, ip), text)
}

/** Returns all addresses with a lease file. */
export function leasedAddresses(stateDir: string): Ip[] {
  return withoutTemporary(namesIn(leaseFolder(stateDir))).flatMap((name) => parseIp(name) ?? [])
}

/** Returns the key in the lease of an address, or undefined if there is no lease or a damaged one. */
export function leaseOf(stateDir: string, ip: Ip): AttachmentKey | undefined {
  const lease = parseLease(readText(leasePath(stateDir, ip)) ?? '')
  if (lease === undefined || lease.address !== formatIp(ip)) return undefined
  const { network, containerID, ifname } = lease
  return { network, containerID, ifname }
}

/**
 * Returns the holder of an address as `key` sees it. Reads two files, or every record if the lease is
 * damaged.
 */
export function holdingOf(stateDir: string, ip: Ip, key: AttachmentKey): Holding {
  const text = readText(leasePath(stateDir, ip))
  if (text === undefined) return { state: 'free' }
  const lease = parseLease(text)
  if (lease === undefined || lease.address !== formatIp(ip)) return damagedHolding(stateDir, ip, key, text)
  if (isSameKey(lease, key)) return { state: 'mine', text }

  const taken = { state: 'taken', holder: describeKey(lease), since: lease.since } as const
  const loaded = loadRecord(stateDir, lease)
  // The record precedes the lease, so a lease without a record was left by a killed process or made by hand.
  // The link's name is derived from the key, and proves what a lost or damaged record cannot.
  if (loaded === undefined || 'problem' in loaded) {
    const gone = loaded === undefined ? !linkExists(hostLinkName(lease)) : isLeftover(loaded.path, lease)
    return gone ? { state: 'stale', text } : taken
  }
  if (!lists(loaded.record, ip)) return { state: 'stale', text }
  return livenessOf(loaded.record) === 'dead' ? { state: 'stale', text, record: loaded.record } : taken
}

// A damaged lease belongs to the living attachment whose record lists the address. A damaged record may be
// that of the holder.
function damagedHolding(stateDir: string, ip: Ip, key: AttachmentKey, text: string): Holding {
  const { records, damaged } = listRecords(stateDir)
  const holder = records.find(
    (record) => lists(record, ip) && !isSameKey(record, key) && livenessOf(record) !== 'dead',
  )
  if (holder !== undefined) return { state: 'taken', holder: describeKey(holder), since: holder.since }
  const unsure = damaged.find((path) => !isLeftover(path))
  if (unsure === undefined) return { state: 'stale', text }
  return {
    state: 'taken',
    holder: `an unknown container: ${leasePath(stateDir, ip)} and ${unsure} are damaged`,
    since: '?',
  }
}

function lists(record: AttachmentRecord, ip: Ip): boolean {
  return record.addresses.some((address) => {
    const prefix = parsePrefix(address)
    return prefix?.family === ip.family && prefix.value === ip.value
  })
}

function leasePath(stateDir: string, ip: Ip): string {
  return join(leaseFolder(stateDir), formatIp(ip))
}

function parseLease(text: string): Lease | undefined {
  try {
    const value = JSON.parse(text) as Partial<Record<keyof Lease, unknown>> | null
    if (value?.version !== 1) return undefined
    const texts = [value.address, value.network, value.containerID, value.ifname, value.since]
    if (!texts.every((part) => typeof part === 'string' && part !== '')) return undefined
    return keyProblem(value as Lease) === undefined ? (value as Lease) : undefined
  } catch {
    return undefined
  }
}
