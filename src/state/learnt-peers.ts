// Certificates of other hosts that this host's agent has learnt:
//
//   <dataDir>/peers/<fingerprint>.crt     one host each, verified before it was written; the first line says from whom
//   <dataDir>/peers/blocklist.json        blocklist.ts
//
// Written by the agent alone, always as a whole, so that the folder's own stamp changes with every change in it. Read by
// the CNI verbs too. Whoever reads verifies again: validity ends, and CAs and blocklists change.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'

import { errnoCode } from '../cni/error.ts'
import { ioFailure, makeFolder, readText, removeFile, replaceFile, withoutTemporary } from './atomic.ts'
import { learntFolder } from './certificate-folder.ts'

/** An office has tens of hosts; what is far beyond is somebody's mistake and must not fill the disk. */
export const MOST_LEARNT = 4096

/** The largest text of one certificate file, bytes. */
export const MOST_CERTIFICATE_BYTES = 65_536

const FILE = /^([0-9a-f]{64})\.crt$/

/** One file as it was read. */
export interface LearntFile {
  readonly fingerprint: string
  readonly path: string
  readonly text: string
  /** The overlay address it was learnt from, as text, or '' when the file does not say. */
  readonly from: string
}

/** All of them by fingerprint, at most {@link MOST_LEARNT}. @throws CniError IoFailure */
export function readLearnt(dataDir: string): readonly LearntFile[] {
  const folder = learntFolder(dataDir)
  return fingerprintsIn(folder)
    .slice(0, MOST_LEARNT)
    .flatMap((fingerprint) => {
      const path = pathOf(folder, fingerprint)
      const text = readText(path)
      if (text === undefined) return []
      const from = /^learnt from ([0-9a-f.:]{2,45})\n/.exec(text)?.[1] ?? ''
      return [{ fingerprint, path, text, from }]
    })
}

/** A certificate to keep. */
export interface Learnt {
  readonly fingerprint: string
  readonly pem: string
}

/**
 * Keeps verified certificates while there are fewer than {@link MOST_LEARNT}; returns how many were kept.
 * @param from the overlay address of whoever passed them on
 * @throws CniError IoFailure
 */
export function storeLearnt(dataDir: string, certificates: readonly Learnt[], from: string): number {
  const folder = learntFolder(dataDir)
  const there = new Set(fingerprintsIn(folder))
  makeFolder(folder)
  let kept = 0
  for (const { fingerprint, pem } of certificates) {
    if (there.size >= MOST_LEARNT && !there.has(fingerprint)) continue
    replaceFile(pathOf(folder, fingerprint), `learnt from ${from}\n${pem}`, false)
    there.add(fingerprint)
    kept += 1
  }
  return kept
}

/** Forgets certificates; content when one is gone already. @throws CniError IoFailure */
export function removeLearnt(dataDir: string, fingerprints: readonly string[], nowMs: number): void {
  const folder = learntFolder(dataDir)
  for (const fingerprint of fingerprints) removeFile(pathOf(folder, fingerprint))
  withoutTemporary(folder, namesIn(folder), nowMs)
}

function fingerprintsIn(folder: string): readonly string[] {
  return namesIn(folder)
    .flatMap((name) => FILE.exec(name)?.[1] ?? [])
    .toSorted()
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return []
    throw ioFailure(folder, error)
  }
}

function pathOf(folder: string, fingerprint: string): string {
  const name = `${fingerprint}.crt`
  if (!FILE.test(name)) throw new TypeError(`${JSON.stringify(fingerprint)} is no fingerprint`)
  return join(folder, name)
}
