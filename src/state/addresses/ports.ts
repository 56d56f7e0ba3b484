// Decides which attachment gets which host port. Called under the lock, except for recordsWithPorts.

import { CniCode, CniError } from '../../cni/error.ts'
import { type AttachmentKey, type AttachmentRecord, describeKey, isSameKey } from '../../net/attachment.ts'
import { describeHostPort, overlap, type PortMapping, zoneAfter } from '../../net/ports/mapping.ts'
import { type PortEntry, hasPortFile, makeHeldTest, readPortFile, writePortFile } from './port-file.ts'
import { loadRecord } from './records.ts'

/** The ports that a key got. */
export interface GrantedPorts {
  readonly ports: readonly PortMapping[]
  /**
   * Ports that another network of the same container publishes. This attachment inherits them when that one
   * ends.
   */
  readonly standby: readonly PortMapping[]
  /** The zone of connections to `ports`. Undefined without ports. */
  readonly zone?: number
}

interface Rival {
  readonly entry: PortEntry
  readonly port: PortMapping
  readonly isStandby: boolean
}

/**
 * Takes host ports for a key. podman and nerdctl ask every network of a container for all its ports. The
 * first network publishes them; the others have them on standby.
 * @throws CniError PortTaken that names the holder; then nothing was changed
 */
export function takePorts(
  stateDir: string,
  key: AttachmentKey,
  wanted: readonly PortMapping[],
): GrantedPorts {
  if (wanted.length === 0) {
    // A file that exists spares later readers from reading all records.
    if (!hasPortFile(stateDir)) writePortFile(stateDir, readPortFile(stateDir))
    return { ports: [], standby: [] }
  }
  const known = readPortFile(stateDir)
  const entries = known.entries.filter((entry) => !isSameKey(entry, key))
  const rivals = rivalsByPort(entries)
  const isHeld = makeHeldTest(stateDir)
  const ports: PortMapping[] = []
  const standby: PortMapping[] = []
  const lost = new Set<PortMapping>()
  for (const mapping of wanted) {
    const others = (rivals.get(mapping.hostPort) ?? []).filter(({ port }) => overlap(port, mapping))
    const held = others.filter(({ entry, port }) => isHeld(entry, port))
    const strangers = held.filter(({ entry }) => entry.containerID !== key.containerID)
    const holder = strangers.find(({ isStandby }) => !isStandby) ?? strangers[0]
    if (holder !== undefined) throw taken(mapping, holder.entry)
    for (const other of others) if (!held.includes(other)) lost.add(other.port)
    if (held.some(({ isStandby }) => !isStandby)) standby.push(mapping)
    else ports.push(mapping)
  }
  const zone = ports.length === 0 ? undefined : zoneAfter(known.zone)
  const kept = entries.map(({ ports: own, standby: waiting = [], ...name }) => ({
    ...name,
    ports: own.filter((port) => !lost.has(port)),
    standby: waiting.filter((port) => !lost.has(port)),
  }))
  writePortFile(stateDir, {
    entries: [...kept, { ...nameOf(key), ports, standby }],
    zone: zone ?? known.zone,
  })
  return { ports, standby, ...(zone === undefined ? {} : { zone }) }
}

function taken(mapping: PortMapping, holder: PortEntry): CniError {
  return new CniError(
    CniCode.PortTaken,
    'host port is taken',
    `${describeHostPort(mapping)} is published for ${describeKey(holder)}; ` +
      'choose another host port, or remove that container',
  )
}

function rivalsByPort(entries: readonly PortEntry[]): ReadonlyMap<number, readonly Rival[]> {
  const rivals = new Map<number, Rival[]>()
  const add = (rival: Rival): void => {
    const others = rivals.get(rival.port.hostPort)
    if (others === undefined) rivals.set(rival.port.hostPort, [rival])
    else others.push(rival)
  }
  for (const entry of entries) {
    for (const port of entry.ports) add({ entry, port, isStandby: false })
    for (const port of entry.standby ?? []) add({ entry, port, isStandby: true })
  }
  return rivals
}

/**
 * Releases the host ports of a key. A full disk does no harm, because the record is removed
 * anyway.
 */
export function dropPorts(stateDir: string, key: AttachmentKey): void {
  const { entries, zone } = readPortFile(stateDir)
  const others = entries.filter((entry) => !isSameKey(entry, key))
  if (others.length === entries.length) return
  try {
    writePortFile(stateDir, { entries: others, zone })
  } catch (error) {
    if (!(error instanceof CniError)) throw error
  }
}

/**
 * Returns the records that have ports, dead ones included. Reads without the lock, so it may miss an ADD in
 * progress.
 */
export function recordsWithPorts(stateDir: string): readonly AttachmentRecord[] {
  return readPortFile(stateDir).entries.flatMap((entry) => {
    const loaded = loadRecord(stateDir, entry)
    return loaded !== undefined && 'record' in loaded && loaded.record.ports !== undefined
      ? [loaded.record]
      : []
  })
}

function nameOf({ network, containerID, ifname }: AttachmentKey): AttachmentKey {
  return { network, containerID, ifname }
}
