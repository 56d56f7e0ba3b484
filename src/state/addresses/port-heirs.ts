// Hands the ports of an attachment that ends to the other networks of its container, which have them on
// standby. So `podman network disconnect` closes no port that another network can publish.

import { CniError } from '../../cni/error.ts'
import { type AttachmentRecord, isSameKey } from '../../net/attachment.ts'
import { makeOverlapTest, zoneAfter } from '../../net/ports/mapping.ts'
import { livenessOf } from '../liveness.ts'
import { type PortEntry, entryOf, readPortFile, writePortFile } from './port-file.ts'
import { loadRecord, replaceRecord } from './records.ts'

/** Returns whether another network of the container has ports, published or on standby. Needs no lock. */
export function hasHeirs(stateDir: string, from: AttachmentRecord): boolean {
  return from.ports !== undefined && siblings(readPortFile(stateDir).entries, from).length > 0
}

/**
 * Moves ports in the heirs' records from standby to published. Repeatable: if an earlier call moved ports and
 * was killed before it published them, they are returned again. Called under the lock.
 * @returns the records of the heirs; none if the disk is full, because the end of an attachment must not
 * depend on it
 */
export function handOverPorts(stateDir: string, from: AttachmentRecord): readonly AttachmentRecord[] {
  const known = readPortFile(stateDir)
  const isLeft = makeOverlapTest(from.ports ?? [])
  const living = siblings(known.entries, from).flatMap((entry) => livingRecord(stateDir, entry) ?? [])
  let published = living.flatMap(({ ports = [] }) => ports)
  let { zone } = known
  const heirs: AttachmentRecord[] = []
  for (const sibling of living) {
    const isPublished = makeOverlapTest(published)
    const { ports = [], standby = [] } = sibling
    const taken = standby.filter((port) => isLeft(port) && !isPublished(port))
    if (taken.length === 0) {
      if (ports.some(isLeft)) heirs.push(sibling)
      continue
    }
    if (sibling.zone === undefined) zone = zoneAfter(zone)
    published = [...published, ...taken]
    heirs.push({
      ...sibling,
      ports: [...ports, ...taken],
      standby: standby.filter((port) => !taken.includes(port)),
      zone: sibling.zone ?? zone,
    })
  }
  try {
    if (heirs.length > 0) save(stateDir, { heirs, from, zone })
    return heirs
  } catch (error) {
    if (error instanceof CniError) return []
    throw error
  }
}

function save(
  stateDir: string,
  { heirs, from, zone }: { heirs: readonly AttachmentRecord[]; from: AttachmentRecord; zone: number },
): void {
  const others = readPortFile(stateDir).entries.filter(
    (entry) => ![from, ...heirs].some((record) => isSameKey(record, entry)),
  )
  writePortFile(stateDir, { entries: [...others, ...heirs.map(entryOf)], zone })
  for (const heir of heirs) replaceRecord(stateDir, heir)
}

function siblings(entries: readonly PortEntry[], from: AttachmentRecord): readonly PortEntry[] {
  return entries.filter((entry) => entry.containerID === from.containerID && !isSameKey(entry, from))
}

// Skips an attachment that is still being added: its process would write the record again, with the ports it
// started with.
function livingRecord(stateDir: string, entry: PortEntry): AttachmentRecord | undefined {
  const loaded = loadRecord(stateDir, entry)
  if (loaded === undefined || 'problem' in loaded) return undefined
  return loaded.record.phase === 'up' && livenessOf(loaded.record) === 'alive' ? loaded.record : undefined
}
