// Where the office folder is.

import { homedir } from 'node:os'
import { resolve } from 'node:path'
import type { Call, OptionSpec } from '../command.ts'

/** The option of every command that needs an office. */
export const OFFICE_OPTION: OptionSpec = {
  name: 'office',
  value: 'DIR',
  summary: 'the office folder (default ~/flatnet-office)',
  takes: 'file',
}

/** Returns the folder that was named, or the default one. */
export function officeFolder(named: string | undefined): string {
  return resolve(named ?? `${homedir()}/flatnet-office`)
}

/** Returns the folder of a call with {@link OFFICE_OPTION}. */
export function officeOf(call: Call): string {
  return officeFolder(call.value('office'))
}
