// Starts, reloads and stops the HTTP Gateway's nginx: as a unit of systemd where that runs, else as a process
// of its own, which the agent starts again when it has ended.

import { CniCode, CniError } from '../../cni/error.ts'
import { run } from '../../exec/run.ts'
import { processStartTime } from '../../kernel/presence.ts'
import { makeFolder, readText, removeFile } from '../../state/files/atomic.ts'
import { isThere } from '../../state/files/output-file.ts'
import { callNginx, lastWords, type NginxPath } from './nginx.ts'
import { type GatewayPlaces, UNIT } from './places.ts'

export function isSystemdRunning(): boolean {
  return isThere('/run/systemd/system')
}

/** The process of nginx's master; undefined if none runs. */
export function masterPid({ pidFile }: GatewayPlaces): number | undefined {
  const pid = Number(readText(pidFile)?.trim())
  return Number.isInteger(pid) && pid > 0 && processStartTime(pid) !== undefined ? pid : undefined
}

/** Starts nginx, or lets it take over a new configuration without dropping a connection. @throws CniError */
export async function startOrReload(
  program: NginxPath,
  places: GatewayPlaces,
): Promise<'started' | 'reloaded'> {
  if (isSystemdRunning()) {
    await systemctl(['daemon-reload'])
    await systemctl(['enable', UNIT])
    const isActive = (await run({ file: 'systemctl', args: ['is-active', '--quiet', UNIT] })).exitCode === 0
    await systemctl([isActive ? 'reload' : 'restart', UNIT])
    return isActive ? 'reloaded' : 'started'
  }
  if (masterPid(places) === undefined) {
    await startDirectly(program, places)
    return 'started'
  }
  await call(program, places, ['-s', 'reload'])
  return 'reloaded'
}

/** Starts nginx as a process of its own. @throws CniError CommandRefused with nginx's own words */
export async function startDirectly(program: NginxPath, places: GatewayPlaces): Promise<void> {
  makeFolder(places.runFolder)
  // A killed nginx leaves its socket, on which the next one could not listen.
  removeFile(places.pushSocket)
  await call(program, places, [])
}

/** Stops it after the requests at work. Succeeds when it does not run. @throws CniError */
export async function stopNginx(program: NginxPath, places: GatewayPlaces): Promise<void> {
  if (isSystemdRunning()) {
    await run({ file: 'systemctl', args: ['disable', '--now', UNIT] })
    return
  }
  if (masterPid(places) !== undefined) await call(program, places, ['-s', 'quit'])
}

async function call(program: NginxPath, { config }: GatewayPlaces, args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await callNginx(program, config, args)
  if (exitCode !== 0)
    throw new CniError(
      CniCode.CommandRefused,
      'nginx refused',
      `${[program, ...args].join(' ')}: ${lastWords(stderr)} (exit ${String(exitCode)})`,
    )
}

async function systemctl(args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await run({ file: 'systemctl', args })
  if (exitCode !== 0)
    throw new CniError(
      CniCode.CommandRefused,
      'systemctl refused',
      `systemctl ${args.join(' ')}: ${stderr.trim()}; see journalctl -u ${UNIT}`,
    )
}
