// Programs of Nebula that an office has sent, until join has put them in their places:
// /var/lib/flatnet/join/programs/nebula, /var/lib/flatnet/join/programs/nebula-cert

import { createHash } from 'node:crypto'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { CniCode, CniError } from '../../cni/error.ts'
import { type OfferedProgram, PROGRAM_NAMES } from '../../provision/enrolment/programs.ts'
import type { HandedProgram } from '../../provision/host/surroundings.ts'
import { makeFolder } from '../files/atomic.ts'
import { temporaryPath } from '../files/temporary.ts'
import { JOIN_FOLDER } from './journal-file.ts'
import { clearTemporaries, hashOfFile, lookAt, placeFailure, removeTree, settle } from './places.ts'

const FOLDER = `${JOIN_FOLDER}/programs`

/** Returns the programs that are there. @throws CniError IoFailure */
export function handedPrograms(): readonly HandedProgram[] {
  return PROGRAM_NAMES.flatMap((name) => {
    const copyOf = `${FOLDER}/${name}`
    return lookAt(copyOf).kind === 'file' ? [{ name, copyOf, sha256: hashOfFile(copyOf) }] : []
  })
}

/**
 * Keeps a program; one that is there already is not asked for.
 * @param pieces begins to get its bytes
 * @throws CniError for other bytes than were offered, and IoFailure
 */
export async function keepProgram(
  { name, bytes, sha256 }: OfferedProgram,
  pieces: () => AsyncIterable<Uint8Array>,
): Promise<void> {
  const path = `${FOLDER}/${name}`
  makeFolder(JOIN_FOLDER)
  makeFolder(FOLDER)
  clearTemporaries(FOLDER)
  if (lookAt(path).kind === 'file' && hashOfFile(path) === sha256) return
  const beside = temporaryPath(FOLDER)
  try {
    const file = openSync(beside, 'wx', 0o600)
    try {
      const sum = createHash('sha256')
      let size = 0
      for await (const piece of pieces()) {
        size += piece.length
        if (size > bytes) throw differs(name)
        for (let at = 0; at < piece.length;) at += writeSync(file, piece, at)
        sum.update(piece)
        if (size === bytes) break
      }
      if (sum.digest('hex') !== sha256) throw differs(name)
    } finally {
      closeSync(file)
    }
    settle(beside, path, 0o755)
  } catch (error) {
    rmSync(beside, { force: true })
    throw error instanceof CniError ? error : placeFailure(path, error)
  }
}

/** Removes them. @throws CniError IoFailure */
export function forgetPrograms(): void {
  removeTree(FOLDER)
}

function differs(name: string): CniError {
  return new CniError(
    CniCode.DecodeFailure,
    'program differs',
    `${name} from the office is not the one that it has offered: was it replaced meanwhile? run the same ` +
      'command again',
  )
}
