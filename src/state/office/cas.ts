// The CAs of an office on disk: the first one is ca.crt and ca.key in its folder, each later one has a folder
// ca-<the first 16 digits of its fingerprint> with the same two files. Those that the ledger names are never
// removed.

import { readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { LedgerEntry } from '../../provision/office/ledger.ts'
import { lastStep, stepsOf, trustedAuthorities } from '../../provision/office/ca-steps.ts'
import { syncFolder } from '../files/sync-folder.ts'

/** The files of one CA. */
export interface CaFiles {
  readonly certificate: string
  readonly key: string
}

/** Returns the files of a CA. @param fingerprint undefined for the first one */
export function caFiles(folder: string, entries: readonly LedgerEntry[], fingerprint?: string): CaFiles {
  const isLater = stepsOf(entries).some((step) => step.fingerprint === fingerprint)
  return filesIn(isLater && fingerprint !== undefined ? join(folder, folderName(fingerprint)) : folder)
}

/** Returns the files of the CA that signs. */
export function signingFiles(folder: string, entries: readonly LedgerEntry[]): CaFiles {
  const last = lastStep(entries)
  return caFiles(folder, entries, last?.step === 'introduce' ? last.earlier : last?.fingerprint)
}

/** Returns the files of the CAs that hosts are to trust, the one that signs first. */
export function trustedFiles(folder: string, entries: readonly LedgerEntry[]): readonly CaFiles[] {
  return trustedAuthorities(entries).map((each) => caFiles(folder, entries, each))
}

/** Returns the files of a CA in a folder. */
export function filesIn(folder: string): CaFiles {
  return { certificate: join(folder, 'ca.crt'), key: join(folder, 'ca.key') }
}

/** Returns the folders of later CAs, also of those that a process which died had not put into the ledger. */
export function caFolders(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => /^ca-[0-9a-f]{16}$/.test(name))
}

/**
 * Puts a new CA in place, and removes those that are in no ledger: nothing was signed with them. The caller
 * holds the lock of the office. @param made the folder that it is in
 */
export function placeCa(
  folder: string,
  entries: readonly LedgerEntry[],
  { made, fingerprint }: { readonly made: string; readonly fingerprint: string },
): void {
  const known = new Set(stepsOf(entries).map((step) => folderName(step.fingerprint)))
  for (const name of caFolders(folder))
    if (!known.has(name)) rmSync(join(folder, name), { recursive: true, force: true })
  renameSync(made, join(folder, folderName(fingerprint)))
  syncFolder(folder)
}

function folderName(fingerprint: string): string {
  return `ca-${fingerprint.slice(0, 16)}`
}
