// The programs of Nebula that an office hands to hosts which lack them: its own, or those of a folder.

import { join } from 'node:path'
import { CniCode, CniError } from '../../cni/error.ts'
import { programOnPath } from '../../exec/nebula/nebula-version.ts'
import {
  type Machine,
  type OfferedProgram,
  PROGRAM_NAMES,
  type ProgramName,
} from '../../provision/enrolment/programs.ts'
import { machineAt, measure, piecesAt } from '../../state/office/program-files.ts'

/** Where each program is. */
export type ProgramFiles = ReadonlyMap<ProgramName, string>

/** Returns the programs of a folder, or this machine's own. @throws CniError for a folder without them */
export function programFiles(folder: string | undefined): ProgramFiles {
  const found = new Map<ProgramName, string>()
  for (const name of PROGRAM_NAMES) {
    const path = folder === undefined ? programOnPath(name) : join(folder, name)
    if (path === undefined) continue
    if (folder !== undefined && machineAt(path) === undefined)
      throw new CniError(
        CniCode.InvalidConfig,
        'not a program',
        `--nebula: ${path} is no program for x86-64 or arm64: unpack a release of Nebula for Linux there`,
      )
    found.set(name, path)
  }
  return found
}

/** Returns what there is for a machine. @throws CniError where there is nothing */
export async function offerFor(files: ProgramFiles, machine: Machine): Promise<readonly OfferedProgram[]> {
  const fitting = [...files].filter(([, path]) => machineAt(path) === machine)
  if (fitting.length < PROGRAM_NAMES.length) throw nothingFor(machine)
  return Promise.all(fitting.map(([name, path]) => offer(name, path)))
}

/** Returns the bytes of a program, in pieces. @throws CniError for one that the office does not have */
export function piecesOf(files: ProgramFiles, name: ProgramName): AsyncIterable<Buffer> {
  const path = files.get(name)
  if (path === undefined) throw nothingFor(name)
  return piecesAt(path)
}

function nothingFor(what: string): CniError {
  return new CniError(
    CniCode.PluginUnavailable,
    'no Nebula for this host',
    `it has no nebula or no nebula-cert, and the office has none for ${what}: install Nebula 1.9.7 or ` +
      'newer on the host, or run host invite with --nebula DIR, where DIR has both programs',
  )
}

async function offer(name: ProgramName, path: string): Promise<OfferedProgram> {
  return { name, ...(await measure(path)) }
}
