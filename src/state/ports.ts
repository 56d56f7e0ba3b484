// Which attachment has which host port: <stateDir>/ports. Attachment records are the truth; this file spares an ADD to read
// them all. It is written before the record, so it never lacks a port that a record has; what it has too much is found
// out when somebody wants that port. Read and written under the lock only.

import { join } from 'node:path'
import { CniCode, CniError } from '../cni/error.ts'
import {
  type AttachmentKey,
  type AttachmentRecord,
  describeKey,
  hostLinkName,
  isSameKey,
} from '../net/attachment.ts'
import { sortedJson } from '../net/attachment-text.ts'
import { describeHostPort, isSameMapping, overlap, type PortMapping } from '../net/port-mapping.ts'
import { readText, replaceFile } from './atomic.ts'
import { isFromEarlierBoot, judge, linkExists } from './liveness.ts'
import { listRecords, loadRecord } from './records.ts'

/** The ports of one attachment. */
interface Claim extends AttachmentKey {
  readonly ports: readonly PortMapping[]
}

/**
 * Takes host ports for a key and returns those that it got: a port that the same container has by another network is
 * left to that one, for podman asks every network of a container for all its ports.
 * @throws CniError PortTaken naming the holder; then nothing was changed
 */
export function claimPorts(
  stateDir: string,
  key: AttachmentKey,
  wanted: readonly PortMapping[],
): readonly PortMapping[] {
  if (wanted.length === 0) {
    // So that those who only read it never have to go through all records.
    if (readText(pathOf(stateDir)) === undefined) writeClaims(stateDir, readClaims(stateDir))
    return []
  }
  const claims = readClaims(stateDir).filter((claim) => !isSameKey(claim, key))
  const rivals = rivalsByPort(claims)
  const granted: PortMapping[] = []
  const lost = new Set<PortMapping>()
  for (const mapping of wanted) {
    const others = (rivals.get(mapping.hostPort) ?? []).filter(({ port }) => overlap(port, mapping))
    const holder = others.find(({ claim, port }) => isHeld(stateDir, claim, port))?.claim
    if (holder === undefined) {
      granted.push(mapping)
      for (const { port } of others) lost.add(port)
    } else if (holder.containerID !== key.containerID) {
      throw new CniError(
        CniCode.PortTaken,
        'host port is taken',
        `${describeHostPort(mapping)} is published for ${describeKey(holder)}; ` +
          'choose another host port, or remove that container',
      )
    }
  }
  if (granted.length === 0) return granted
  const kept = claims
    .map((claim) => ({ ...claim, ports: claim.ports.filter((port) => !lost.has(port)) }))
    .filter(({ ports }) => ports.length > 0)
  writeClaims(stateDir, [...kept, { ...nameOf(key), ports: granted }])
  return granted
}

function rivalsByPort(claims: readonly Claim[]): ReadonlyMap<number, { claim: Claim; port: PortMapping }[]> {
  const rivals = new Map<number, { claim: Claim; port: PortMapping }[]>()
  for (const claim of claims) {
    for (const port of claim.ports) {
      const others = rivals.get(port.hostPort)
      if (others === undefined) rivals.set(port.hostPort, [{ claim, port }])
      else others.push({ claim, port })
    }
  }
  return rivals
}

/** Gives the host ports of a key back. That it cannot be written down, on a full disk, does no harm: the record goes. */
export function dropPorts(stateDir: string, key: AttachmentKey): void {
  const claims = readClaims(stateDir)
  const others = claims.filter((claim) => !isSameKey(claim, key))
  if (others.length === claims.length) return
  try {
    writeClaims(stateDir, others)
  } catch (error) {
    if (!(error instanceof CniError)) throw error
  }
}

/** The records that have ports, dead ones included. Not under the lock: an ADD beside us may be missing. */
export function recordsWithPorts(stateDir: string): readonly AttachmentRecord[] {
  return readClaims(stateDir).flatMap((claim) => {
    const loaded = loadRecord(stateDir, claim)
    return loaded !== undefined && 'record' in loaded && loaded.record.ports !== undefined
      ? [loaded.record]
      : []
  })
}

// Decided by the record, as with addresses (leases.ts).
function isHeld(stateDir: string, claim: Claim, port: PortMapping): boolean {
  const loaded = loadRecord(stateDir, claim)
  if (loaded === undefined || 'problem' in loaded)
    return linkExists(hostLinkName(claim)) && (loaded === undefined || !isFromEarlierBoot(loaded.path))
  const { record } = loaded
  return (record.ports ?? []).some((own) => isSameMapping(own, port)) && judge(record) !== 'dead'
}

function readClaims(stateDir: string): readonly Claim[] {
  try {
    const value = JSON.parse(readText(pathOf(stateDir)) ?? '') as {
      version?: unknown
      claims?: unknown
    } | null
    if (value?.version === 1 && Array.isArray(value.claims)) return value.claims as Claim[]
  } catch {
    // Missing or damaged: made again from the records.
  }
  return listRecords(stateDir).records.flatMap((record) =>
    record.ports === undefined ? [] : [{ ...nameOf(record), ports: record.ports }],
  )
}

function writeClaims(stateDir: string, claims: readonly Claim[]): void {
  replaceFile(pathOf(stateDir), sortedJson({ version: 1, claims }), false)
}

function nameOf({ network, containerID, ifname }: AttachmentKey): AttachmentKey {
  return { network, containerID, ifname }
}

function pathOf(stateDir: string): string {
  return join(stateDir, 'ports')
}
