// Asks Nebula's executable for its version. Who checks a host is root, and the process whose executable it is may be
// anybody's, so only what root alone can change is run.

import { lstatSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { errnoCode } from '../cni/error.ts'
import { run } from './run.ts'

/** "1.11.0", or why it was not asked. @param executable what /proc/PID/exe points to */
export async function nebulaVersion(
  executable: string,
): Promise<{ readonly version: string } | { readonly silent: string }> {
  const silent = whyNotRun(executable)
  if (silent !== undefined) return { silent }
  const { exitCode, stdout } = await run({
    file: executable as `/${string}/nebula`,
    args: ['-version'],
    timeoutMs: 2000,
  })
  const version = /\b(\d+\.\d+\.\d+)\b/.exec(stdout)?.[1]
  return exitCode === 0 && version !== undefined
    ? { version }
    : { silent: `${executable} -version says no version` }
}

function whyNotRun(path: string): string | undefined {
  if (!path.startsWith('/') || !path.endsWith('/nebula'))
    return `${path} is not called nebula, so it is not run`
  try {
    if (!lstatSync(path).isFile()) return `${path} is no regular file, so it is not run`
    for (let part = path; ; part = dirname(part)) {
      const { uid, mode } = statSync(part)
      // In a folder with the sticky bit others cannot replace what is root's (chmod(1)).
      const isOpen = (mode & 0o022) !== 0 && (mode & 0o1000) === 0
      if (uid !== 0 || isOpen) return `${part} can be changed by others than root, so ${path} is not run`
      if (part === '/') return undefined
    }
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return `${path} is not there any more; restart Nebula`
    throw error
  }
}
