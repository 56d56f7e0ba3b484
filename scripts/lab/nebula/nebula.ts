// Starts and stops real Nebula in a place of the lab, and asks whether it carries traffic.
import { join } from 'node:path'
import { nebulaFolder, type NebulaSeries } from './packages.ts'
import type { Place } from '../host/place.ts'
import { waitUntil } from '../run.ts'
import { NEBULA_DEVICE } from '../topology.ts'

export interface NebulaFiles {
  readonly config: string
  readonly log: string
  readonly pidFile: string
}

export const HOST_NEBULA: NebulaFiles = {
  config: '/etc/nebula/config.yml',
  log: '/var/log/nebula.log',
  pidFile: '/run/nebula.pid',
}

/**
 * Starts Nebula and returns when its interface is up. @throws Error with the end of Nebula's log when it
 * does not come up
 */
export async function startNebula(place: Place, series: NebulaSeries, files: NebulaFiles): Promise<void> {
  const nebula = join(nebulaFolder(series), 'nebula')
  const script = 'setsid "$1" -config "$2" </dev/null >>"$3" 2>&1 & echo $! > "$4"'
  await place.exec(['sh', '-c', script, 'sh', nebula, files.config, files.log, files.pidFile])
  try {
    await waitUntil(`device ${NEBULA_DEVICE} in ${place.name}`, 10_000, () => hasDevice(place))
  } catch (error) {
    const { stdout } = await place.exec(['tail', '-n', '5', files.log], { check: false })
    throw new Error(`Nebula did not start in ${place.name}:\n${stdout}`, { cause: error })
  }
}

/**
 * Stops Nebula, which tells its peers and removes its interface with every route on it. Does nothing if it
 * is not running.
 */
export async function stopNebula(place: Place, files: NebulaFiles): Promise<void> {
  await place.exec(['sh', '-c', 'kill "$(cat "$1")" && rm "$1"', 'sh', files.pidFile], { check: false })
  await waitUntil(
    `no device ${NEBULA_DEVICE} in ${place.name}`,
    10_000,
    async () => !(await hasDevice(place)),
  )
}

export async function hasDevice(place: Place): Promise<boolean> {
  const { stdout } = await place.exec(['ip', '-brief', 'link', 'show', 'dev', NEBULA_DEVICE, 'up'], {
    check: false,
  })
  return stdout !== ''
}

/** Tells whether an echo to the address is answered within a second. */
export async function answers(place: Place, address: string): Promise<boolean> {
  const { exitCode } = await place.exec(['ping', '-c', '1', '-W', '1', address], { check: false })
  return exitCode === 0
}
