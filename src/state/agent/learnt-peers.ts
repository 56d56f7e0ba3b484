// Certificates of other hosts that this host's agent has learnt:
//
//   <dataDir>/peers/<fingerprint>.crt     one host each, verified before it was written; line 1: its source
//   <dataDir>/peers/blocklist.json        blocklist.ts
//
// Only the agent writes them, each file as a whole, so every change in the folder changes its own stamp. The
// CNI verbs read them. Every reader verifies again, because validity ends and CAs and blocklists change.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'

import { errnoCode } from '../../cni/error.ts'
import { makeFolder, readText, removeFile, replaceFile } from '../files/atomic.ts'
import { learntFolder } from '../files/certificate-folder.ts'
import { ioFailure } from '../../cni/io-failure.ts'

/** An office has tens of hosts. Far more are a mistake or an attack, and must not fill the disk. */
export const MOST_LEARNT = 4096

/** The largest certificate file, in bytes. */
export const MOST_CERTIFICATE_BYTES = 65_536

const FILE = /^([0-9a-f]{64})\.crt$/

/** A file as it was read. */
interface LearntFile {
  readonly fingerprint: string
  readonly path: string
  readonly text: string
  /** The overlay address that sent the certificate, as text, or '' if the file does not say. */
  readonly from: string
}

/** Returns all learnt certificates by fingerprint, at most {@link MOST_LEARNT}. @throws CniError IoFailure */
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
interface Learnt {
  readonly fingerprint: string
  readonly pem: string
}

/**
 * Stores verified certificates while there are fewer than {@link MOST_LEARNT}. Returns how many it stored.
 * @param from the overlay address that sent them
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

/** Removes certificates. Ignores those that do not exist. @throws CniError IoFailure */
export function removeLearnt(dataDir: string, fingerprints: readonly string[]): void {
  const folder = learntFolder(dataDir)
  for (const fingerprint of fingerprints) removeFile(pathOf(folder, fingerprint))
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
  if (!FILE.test(name)) throw new TypeError(`${JSON.stringify(fingerprint)} is not a fingerprint`)
  return join(folder, name)
}
