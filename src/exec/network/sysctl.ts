// Kernel settings under /proc/sys/net. They belong to the network namespace of the process that opens the
// file.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { CniCode, CniError, errnoCode, errorText } from '../../cni/error.ts'
import { run } from '../run.ts'

/** Reads a setting such as "ipv4/ip_forward". Returns undefined if this kernel does not have it. */
export function readSysctl(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/net/${name}`, 'utf8').trim()
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return undefined
    throw failure(name, error)
  }
}

/**
 * Returns the links of our network namespace that have their own kernel settings, as every link with IPv4
 * does.
 */
export function linksWithSysctls(): readonly string[] {
  const folder = '/proc/sys/net/ipv4/conf'
  try {
    return readdirSync(folder).filter((name) => name !== 'all' && name !== 'default')
  } catch (error) {
    throw failure('ipv4/conf', error)
  }
}

/** Sets the value if it differs. @throws CniError IoFailure */
export function ensureSysctl(name: string, value: string): void {
  if (readSysctl(name) === value) return
  try {
    writeFileSync(`/proc/sys/net/${name}`, value)
  } catch (error) {
    throw failure(name, error)
  }
}

/**
 * Sets a value of one link ("ipv4/conf/eth0/forwarding") if it differs. Ignores a link that no longer exists,
 * because Nebula's may disappear at any moment. @throws CniError IoFailure
 */
export function ensureLinkSysctl(name: string, value: string): void {
  try {
    ensureSysctl(name, value)
  } catch (error) {
    if (!(error instanceof CniError) || errnoCode(error.cause) !== 'ENOENT') throw error
  }
}

/**
 * Reads a setting of another network namespace, in a process that enters it. Returns undefined if
 * that namespace does not have it.
 */
export async function readSysctlIn(netns: string, name: string): Promise<string | undefined> {
  const { exitCode, stdout } = await run({ file: 'cat', args: [`/proc/sys/net/${name}`], netns })
  return exitCode === 0 ? stdout.trim() : undefined
}

/**
 * Sets a value in another network namespace. A process must enter it, because /proc/sys/net belongs to the
 * namespace of the process that opens the file.
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
  const reason = errorText(error)
  return new CniError(
    CniCode.IoFailure,
    'kernel setting not accessible',
    `net.${name.replaceAll('/', '.')}: ${reason}; flatnet-cni must run as root outside a container`,
    { cause: error },
  )
}
