// Lease files: <stateDir>/leases/<address>, one per address on this host whatever the network, because two networks may
// use the same host subnet. The file is the truth about who holds the address.

import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { type Ip, formatIp, parseIp } from '../addr/ip.ts'
import { parsePrefix } from '../addr/prefix.ts'
import {
  type AttachmentKey,
  type AttachmentRecord,
  describeKey,
  hostLinkName,
  isSameKey,
  keyProblem,
} from '../net/attachment.ts'
import { sortedJson } from '../net/attachment-text.ts'
import { createFile, readText, removeFileHolding, withoutTemporary } from './atomic.ts'
import { isFromEarlierBoot, judge, linkExists } from './liveness.ts'
import { listRecords, loadRecord, namesIn } from './records.ts'

/** A lease as text: who holds the address, and since when (ISO 8601). */
interface Lease extends AttachmentKey {
  readonly version: 1
  readonly address: string
  readonly since: string
}

/**
 * What is known about an address. 'mine': the asking key holds it. 'stale': its holder is dead, so it may be taken
 * with {@link removeLease}; `record` is the dead one's. 'taken': by `holder`, in words.
 */
export type Holding =
  | { readonly state: 'free' }
  | { readonly state: 'mine'; readonly text: string }
  | {
      readonly state: 'stale'
      readonly text: string
      readonly record?: AttachmentRecord
    }
  | { readonly state: 'taken'; readonly holder: string; readonly since: string }

/** The folder of the lease files. */
export function leaseFolder(stateDir: string): string {
  return join(stateDir, 'leases')
}

/** Whether any lease file stands for this address. */
export function isLeased(stateDir: string, ip: Ip): boolean {
  return existsSync(leasePath(stateDir, ip))
}

/** Takes an address for a key. False when a lease file is there: of two processes that try at once one gets it. */
export function createLease(stateDir: string, ip: Ip, key: AttachmentKey, since: string): boolean {
  const { network, containerID, ifname } = key
  const lease: Lease = { version: 1, address: formatIp(ip), network, containerID, ifname, since }
  // Not durable: after a power failure no attachment is left alive, and a damaged lease that nobody claims is reclaimed.
  return createFile(leasePath(stateDir, ip), sortedJson(lease))
}

/** Removes the lease that was seen as `text`. False when another one has taken its place. */
export function removeLease(stateDir: string, ip: Ip, text: string): boolean {
  return removeFileHolding(leasePath(stateDir, ip), text)
}

/** All addresses with a lease file. */
export function leasedAddresses(stateDir: string): Ip[] {
  const folder = leaseFolder(stateDir)
  return withoutTemporary(folder, namesIn(folder), Date.now()).flatMap((name) => parseIp(name) ?? [])
}

/** The key in the lease of an address; undefined when there is no lease, or a damaged one. */
export function leaseOf(stateDir: string, ip: Ip): AttachmentKey | undefined {
  const lease = parseLease(readText(leasePath(stateDir, ip)) ?? '')
  if (lease === undefined || lease.address !== formatIp(ip)) return undefined
  const { network, containerID, ifname } = lease
  return { network, containerID, ifname }
}

/** Who holds an address, seen by `key`. Reads two files, or every record when the lease is damaged. */
export function holdingOf(stateDir: string, ip: Ip, key: AttachmentKey): Holding {
  const text = readText(leasePath(stateDir, ip))
  if (text === undefined) return { state: 'free' }
  const lease = parseLease(text)
  if (lease === undefined || lease.address !== formatIp(ip)) return damagedHolding(stateDir, ip, key, text)
  if (isSameKey(lease, key)) return { state: 'mine', text }

  const taken = { state: 'taken', holder: describeKey(lease), since: lease.since } as const
  const loaded = loadRecord(stateDir, lease)
  // The record precedes the lease, so a lease without one is what a killed process or a hand left. The link's name
  // follows from the key and tells what a lost or damaged record cannot.
  if (loaded === undefined || 'problem' in loaded) {
    const gone = !linkExists(hostLinkName(lease)) && (loaded === undefined || isFromEarlierBoot(loaded.path))
    return gone ? { state: 'stale', text } : taken
  }
  if (!lists(loaded.record, ip)) return { state: 'stale', text }
  return judge(loaded.record) === 'dead' ? { state: 'stale', text, record: loaded.record } : taken
}

// A lease that cannot be read belongs to whichever living attachment says so; one whose record cannot be read either
// might be it.
function damagedHolding(stateDir: string, ip: Ip, key: AttachmentKey, text: string): Holding {
  const { records, damaged } = listRecords(stateDir)
  const claimant = records.find(
    (record) => lists(record, ip) && !isSameKey(record, key) && judge(record) !== 'dead',
  )
  if (claimant !== undefined) return { state: 'taken', holder: describeKey(claimant), since: claimant.since }
  const unsure = damaged.find((path) => !isFromEarlierBoot(path))
  if (unsure === undefined) return { state: 'stale', text }
  return {
    state: 'taken',
    holder: `nobody knows whom: ${leasePath(stateDir, ip)} and ${unsure} are damaged`,
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
