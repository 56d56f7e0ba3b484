// Where a bundle comes from: a file, or an office that waits for this host.

import { readCode } from '../../../provision/bundle/code.ts'
import type { CheckedBundle } from '../../../provision/bundle/contents.ts'
import { secretOf } from '../../../provision/enrolment/channel.ts'
import type { HandedProgram } from '../../../provision/host/surroundings.ts'
import { isTarget, readTarget } from '../../../provision/enrolment/target.ts'
import { enrol } from '../../../setup/enrol/enrol.ts'
import { openBundle } from '../../../setup/open-bundle.ts'
import { isThere } from '../../../state/files/output-file.ts'
import { unixSeconds } from '../../../unix-time.ts'
import { type Call, misuse } from '../../command.ts'
import type { Terminal } from '../../terminal.ts'

/** A bundle, and what to forget once it is applied. */
export interface Source {
  readonly checked: CheckedBundle
  /** Programs that came from the office. */
  readonly handed: readonly HandedProgram[]
  readonly forget: () => void
}

/**
 * Opens the bundle. @param tryOut looks at what it would do to this host
 * @throws CniError
 */
export async function openSource(
  call: Call,
  terminal: Terminal,
  tryOut: (checked: CheckedBundle, handed: readonly HandedProgram[]) => Promise<unknown>,
): Promise<Source> {
  const [from = '', given] = call.operands
  const target = isTarget(from, isThere) ? readTarget(from) : undefined
  if (target === undefined) {
    const ask = (): Promise<string> => askCode(given, terminal, 'bundle')
    const checked = await openBundle(from, ask, unixSeconds(new Date()))
    return { checked, handed: [], forget: () => undefined }
  }
  return enrol({
    target,
    secret: secretOf(readCode(await askCode(given, terminal, 'invitation'))),
    isDryRun: call.has('dry-run'),
    tryOut,
    say: terminal.progress,
  })
}

async function askCode(given: string | undefined, terminal: Terminal, what: string): Promise<string> {
  const code = given === undefined || given === '-' ? await terminal.secret(`code of the ${what}`) : given
  if (code !== undefined && code.trim() !== '') return code
  throw misuse(`the ${what} needs its code`, 'type it when asked, or give it as one line of standard input')
}
