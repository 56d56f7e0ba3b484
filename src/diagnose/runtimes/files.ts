// The files of container runtimes: programs and configurations.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { withoutMark } from '../../config/source-text.ts'
import { readOptional } from '../../state/files/source-file.ts'

const PROGRAM_FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin']

/** Tells whether a program is installed. */
export function isInstalled(program: string): boolean {
  return PROGRAM_FOLDERS.some((folder) => existsSync(join(folder, program)))
}

/**
 * Returns the text of a configuration without a byte order mark; empty for a missing
 * file or dangling symlink.
 */
export function read(path: string): string {
  // The runtimes treat such a symlink as a missing file.
  return existsSync(path) ? withoutMark(readOptional(path, 'runtime configuration') ?? '') : ''
}
