// Gets the programs of Nebula that this host lacks from the office.

import { CniCode, CniError } from '../../cni/error.ts'
import { programOnPath } from '../../exec/nebula/nebula-version.ts'
import {
  MACHINES,
  type OfferedProgram,
  PROGRAM_NAMES,
  type ProgramName,
} from '../../provision/enrolment/programs.ts'
import type { HandedProgram } from '../../provision/host/surroundings.ts'
import { handedPrograms, keepProgram } from '../../state/joined/handed-programs.ts'
import type { Channel } from './call.ts'

/** Returns the programs that this host does not have. */
export function lackingPrograms(): readonly ProgramName[] {
  return PROGRAM_NAMES.filter((name) => programOnPath(name) === undefined)
}

/**
 * Gets programs. @param isDryRun ask only what there is
 * @throws CniError where the office has none for this machine
 */
export async function getPrograms(
  channel: Channel,
  names: readonly ProgramName[],
  { isDryRun, say }: { readonly isDryRun: boolean; readonly say: (what: string) => void },
): Promise<readonly HandedProgram[]> {
  if (names.length === 0) return []
  const machine = MACHINES.find((each) => each === process.arch)
  if (machine === undefined) throw unknownMachine()
  channel.send({ kind: 'programs', machine })
  const { programs } = await channel.take('programs')
  const wanted = programs.filter(({ name }) => names.includes(name))
  if (isDryRun) return wanted.map(({ name, sha256 }) => ({ name, copyOf: '', sha256 }))
  for (const program of wanted) {
    say(`getting ${program.name} from the office`)
    await keepProgram(program, () => piecesOf(channel, program))
  }
  return handedPrograms()
}

async function* piecesOf(channel: Channel, { name, bytes }: OfferedProgram): AsyncGenerator<Uint8Array> {
  channel.send({ kind: 'program', name })
  for (let size = 0; size < bytes;) {
    const { data } = await channel.take('piece')
    size += data.length
    yield data
  }
}

function unknownMachine(): CniError {
  return new CniError(
    CniCode.PluginUnavailable,
    'nebula missing',
    `no program nebula on this host, and an office hands out none for ${process.arch}: install Nebula`,
  )
}
