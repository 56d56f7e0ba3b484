// Statements of CAs that this host holds, and what is left to do for them:
//
//   <dataDir>/statements/<authority>.<kind>.json   the newest of each CA and kind, verified before
//                                                  it was written
//   <dataDir>/statements/reload-due                Nebula has not been told of a change of its files
//
// Every reader verifies again, because CAs change.

import { join } from 'node:path'
import { makeFolder, readText, removeFile, replaceFile } from '../files/atomic.ts'
import { fileStamp } from '../files/source-file.ts'
import { withLock } from '../lock/lock.ts'

/** Returns the file of a slot (src/provision/statement/statement.ts). */
function statementPath(dataDir: string, slot: string): string {
  if (!/^[0-9a-f]{64}\.[a-z]{1,20}$/.test(slot)) throw new TypeError(`${JSON.stringify(slot)} is not a slot`)
  return join(statementFolder(dataDir), `${slot}.json`)
}

/** Returns the folder of statements. */
function statementFolder(dataDir: string): string {
  return join(dataDir, 'statements')
}

/** Returns the text of the statement in a slot and its file. @throws CniError IoFailure */
export function readStatement(
  dataDir: string,
  slot: string,
): { readonly path: string; readonly text: string } | undefined {
  const path = statementPath(dataDir, slot)
  const text = readText(path)
  return text === undefined ? undefined : { path, text }
}

/**
 * Stores what `decide` makes of the statement in a slot, with no other process writing meanwhile. Stores
 * nothing if it returns undefined. @throws CniError IoFailure
 */
export async function updateStatement(
  dataDir: string,
  slot: string,
  decide: (held: string | undefined) => string | undefined,
): Promise<void> {
  const folder = statementFolder(dataDir)
  makeFolder(folder)
  await withLock(folder, () => {
    const path = statementPath(dataDir, slot)
    const text = decide(readText(path))
    if (text !== undefined) replaceFile(path, text, true)
  })
}

/** Returns a text that changes with the statements in these slots. */
export function statementsStamp(dataDir: string, slots: readonly string[]): string {
  return slots.map((slot) => fileStamp(statementPath(dataDir, slot))).join(' ')
}

/** Notes that Nebula must read its files again, before they change. @throws CniError IoFailure */
export function noteReloadDue(dataDir: string): void {
  makeFolder(statementFolder(dataDir))
  replaceFile(duePath(dataDir), '', true)
}

/** Tells whether Nebula must read its files again. @throws CniError IoFailure */
export function isReloadDue(dataDir: string): boolean {
  return readText(duePath(dataDir)) !== undefined
}

/** Notes that Nebula was told. @throws CniError IoFailure */
export function noteReloaded(dataDir: string): void {
  removeFile(duePath(dataDir))
}

function duePath(dataDir: string): string {
  return join(statementFolder(dataDir), 'reload-due')
}
