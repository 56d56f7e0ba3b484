// Kernel settings under /proc/sys/net. They belong to the network namespace of the process that opens the file.

import { readFileSync, writeFileSync } from 'node:fs'
import { CniCode, CniError, errnoCode } from '../cni/error.ts'
import { run } from './run.ts'

/** The value of "ipv4/ip_forward" and the like, or undefined when this kernel has no such setting. */
export function readSysctl(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/net/${name}`, 'utf8').trim()
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return undefined
    throw failure(name, error)
  }
}

/** Sets the value unless it is so already. @throws CniError IoFailure */
export function ensureSysctl(name: string, value: string): void {
  if (readSysctl(name) === value) return
  try {
    writeFileSync(`/proc/sys/net/${name}`, value)
  } catch (error) {
    throw failure(name, error)
  }
}

/**
 * Sets a value in another network namespace: /proc/sys/net is that of whoever opens the file, so somebody has to go there.
 * @throws CniError IoFailure
 */
export async function writeSysctlIn(netns: string, name: string, value: string): Promise<void> {
  const path = `/proc/sys/net/${name}`
  const { exitCode, stderr } = await run({ file: 'tee', args: [path], input: value, netns })
  if (exitCode === 0) return
  throw new CniError(
    CniCode.IoFailure,
    'kernel setting refused',
    `net.${name.replaceAll('/', '.')}=${value} in ${netns}: ${stderr.trim()}`,
  )
}

function failure(name: string, error: unknown): CniError {
  const reason = error instanceof Error ? error.message : String(error)
  return new CniError(
    CniCode.IoFailure,
    'kernel setting not accessible',
    `net.${name.replaceAll('/', '.')}: ${reason}; flatnet-cni has to run as root outside a container`,
    { cause: error },
  )
}
