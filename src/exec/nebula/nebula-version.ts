// Finds Nebula's executable and asks it for its version. The caller is root, but any user may own the process
// whose executable this is, so run it only if root alone can change it.

import { existsSync, lstatSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { errnoCode } from '../../cni/error.ts'
import { run } from '../run.ts'

// Generous, because it only prints a constant.
const TIMEOUT_MS = 5000

/** Returns the version ("1.11.0"), or why it was not asked. @param executable the target of /proc/PID/exe */
export async function nebulaVersion(
  executable: string,
): Promise<{ readonly version: string } | { readonly silent: string }> {
  const silent = whyNotRun(executable)
  if (silent !== undefined) return { silent }
  const { exitCode, stdout } = await run({
    file: executable as `/${string}/nebula`,
    args: ['-version'],
    timeoutMs: TIMEOUT_MS,
  })
  const version = /\b(\d+\.\d+\.\d+)\b/.exec(stdout)?.[1]
  return exitCode === 0 && version !== undefined
    ? { version }
    : { silent: `${executable} -version does not report a version` }
}

// The usual places of packages and manual installations.
const PLACES = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin']

/** Returns where a program is on the PATH, or for nebula in the usual places; undefined where it is not. */
export function programOnPath(
  name: 'nebula' | 'nebula-cert',
  path = process.env['PATH'],
): string | undefined {
  return foldersOf(path, name === 'nebula' ? PLACES : [])
    .map((folder) => join(folder, name))
    .find((each) => existsSync(each))
}

function foldersOf(path = '', more: readonly string[]): readonly string[] {
  return [...path.split(':').filter((folder) => folder.startsWith('/')), ...more]
}

/** An executable, and its version or why it was not asked. */
type InstalledNebula = { readonly executable: string } & Awaited<ReturnType<typeof nebulaVersion>>

/**
 * Returns the Nebula that is installed here; undefined where none is.
 * @param path folders to look in first, as in the variable PATH
 */
export async function installedNebula(path = ''): Promise<InstalledNebula | undefined> {
  const executable = programOnPath('nebula', path)
  return executable === undefined ? undefined : { executable, ...(await nebulaVersion(executable)) }
}

function whyNotRun(path: string): string | undefined {
  if (!path.startsWith('/') || !path.endsWith('/nebula'))
    return `${path} is not called nebula, so it is not run`
  try {
    if (!lstatSync(path).isFile()) return `${path} is not a regular file, so it is not run`
    for (let part = path; ; part = dirname(part)) {
      const { uid, mode } = statSync(part)
      // In a folder with the sticky bit, other users cannot replace root's files (chmod(1)).
      const isOpen = (mode & 0o022) !== 0 && (mode & 0o1000) === 0
      if (uid !== 0 || isOpen) return `${part} can be changed by users other than root, so ${path} is not run`
      if (part === '/') return undefined
    }
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return `${path} no longer exists; restart Nebula`
    throw error
  }
}
