// The files of container runtimes: programs and configurations.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readOptional } from '../state/source-file.ts'

const PROGRAM_FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin']

/** Whether there is such a program. */
export function isInstalled(program: string): boolean {
  return PROGRAM_FOLDERS.some((folder) => existsSync(join(folder, program)))
}

/** The text of a configuration, empty where there is none. */
export function read(path: string): string {
  return readOptional(path, 'runtime configuration') ?? ''
}
