// <stateDir>/ports: which attachment has which host port. Attachment records are the truth; this file spares
// an ADD from reading them all. It is written before the record, so it never lacks a port that a record has.
// An obsolete entry is detected when another attachment wants its port. Processes write it only while they
// hold the lock.

import { statSync } from 'node:fs'
import { join } from 'node:path'
import { linkExists } from '../../kernel/presence.ts'
import { type AttachmentKey, type AttachmentRecord, hostLinkName } from '../../net/attachment.ts'
import { sortedJson } from '../../net/attachment-text.ts'
import { isSameMapping, isZone, type PortMapping } from '../../net/ports/mapping.ts'
import { readText, replaceFile } from '../files/atomic.ts'
import { livenessOf } from '../liveness.ts'
import { listRecords, loadRecord } from './records.ts'

// One port takes about 110 bytes.
const MANY_BYTES = 65_536

/** The ports of one attachment, as in its record. */
export interface PortEntry extends AttachmentKey {
  readonly ports: readonly PortMapping[]
  readonly standby?: readonly PortMapping[]
}

/** The file's content. */
interface PortFile {
  readonly entries: readonly PortEntry[]
  /** The zone that was assigned last (net/ports/rules.ts). */
  readonly zone: number
}

/** Returns the file's content, made from the records if the file is missing or damaged. */
export function readPortFile(stateDir: string): PortFile {
  // If the last zone is unknown, any zone is likely to differ from it.
  let zone = 1 + Math.floor(Math.random() * 65535)
  try {
    const value = JSON.parse(readText(pathOf(stateDir)) ?? '') as {
      version?: unknown
      entries?: unknown
      zone?: unknown
    } | null
    if (isZone(value?.zone)) ({ zone } = value)
    if (value?.version === 1 && Array.isArray(value.entries))
      return { entries: value.entries as PortEntry[], zone }
  } catch {
    // Missing or damaged.
  }
  const entries = listRecords(stateDir).records.map(entryOf)
  return { entries: entries.filter(isInUse), zone }
}

/** Returns whether the file exists. */
export function hasPortFile(stateDir: string): boolean {
  return sizeOf(stateDir) !== undefined
}

/** Returns whether the file has the size of hundreds of ports. Does not read it. */
export function hasManyPorts(stateDir: string): boolean {
  return (sizeOf(stateDir) ?? 0) > MANY_BYTES
}

function sizeOf(stateDir: string): number | undefined {
  return statSync(pathOf(stateDir), { throwIfNoEntry: false })?.size
}

/** Writes the file. */
export function writePortFile(stateDir: string, { entries, zone }: PortFile): void {
  replaceFile(pathOf(stateDir), sortedJson({ version: 1, entries: entries.filter(isInUse), zone }), false)
}

/** Returns the entry of a record. */
export function entryOf({
  network,
  containerID,
  ifname,
  ports = [],
  standby = [],
}: AttachmentRecord): PortEntry {
  return { network, containerID, ifname, ports, ...(standby.length === 0 ? {} : { standby }) }
}

// Returns whether the entry names any port.
function isInUse({ ports, standby = [] }: PortEntry): boolean {
  return ports.length + standby.length > 0
}

/**
 * Returns a test of whether an attachment still has a port that its entry names, published or on standby. The
 * record decides, as it does for addresses (leases.ts). The test reads each record once.
 */
export function makeHeldTest(stateDir: string): (entry: PortEntry, mapping: PortMapping) => boolean {
  const known = new Map<PortEntry, readonly PortMapping[] | boolean>()
  return (entry, mapping) => {
    const held = known.get(entry) ?? heldBy(stateDir, entry)
    known.set(entry, held)
    if (typeof held === 'boolean') return held
    return held.some((own) => own.hostPort === mapping.hostPort && isSameMapping(own, mapping))
  }
}

// Returns the ports that the entry's record lists, or true for all of them and false for none.
function heldBy(stateDir: string, entry: PortEntry): readonly PortMapping[] | boolean {
  const loaded = loadRecord(stateDir, entry)
  if (loaded === undefined || 'problem' in loaded) return linkExists(hostLinkName(entry))
  const { record } = loaded
  return livenessOf(record) !== 'dead' && [...(record.ports ?? []), ...(record.standby ?? [])]
}

function pathOf(stateDir: string): string {
  return join(stateDir, 'ports')
}
