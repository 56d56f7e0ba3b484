// Installs the HTTP Gateway, brings it up to date, and removes it. Each can be repeated at any time and goes
// on where an earlier one was interrupted.

import { CniCode, CniError } from '../../cni/error.ts'
import type { Settings } from '../../config/settings.ts'
import { portHolder } from '../../kernel/port-holder.ts'
import { makeFolder, readText, removeFile } from '../../state/files/atomic.ts'
import { makeOpenFolder, putFile, removeTree } from '../../state/files/installed-file.ts'
import { isThere } from '../../state/files/output-file.ts'
import { gatewayFiles, gatewayOptions } from './configuration.ts'
import { waitForRelease } from './running.ts'
import { readMark, removeMark, writeMark } from './mark.ts'
import { findNginx, isNginxPath, testConfiguration } from './nginx.ts'
import { gatewayPlaces, LOG_FOLDER, ROTATION_FILE, UNIT_FILE } from './places.ts'
import { masterPid, startOrReload, stopNginx } from './service.ts'

/** What was done, one sentence each, in order. */
type Steps = readonly string[]

/** @throws CniError that names what is missing; the installed HTTP Gateway runs on as it was */
export async function installGateway(settings: Settings, isDry: boolean): Promise<Steps> {
  const nginx = await findNginx()
  const options = gatewayOptions(settings)
  const places = gatewayPlaces(settings)
  const files = gatewayFiles(settings, nginx)
  if (masterPid(places) === undefined) refuseTakenPorts([options.port, options.statusPort])
  const changed = files.filter(({ path, text }) => readText(path) !== text)
  const steps = changed.map(({ path }) => `write ${path}`)
  if (isDry) return [...steps, `start or reload ${nginx.program}`]
  for (const folder of [places.folder, places.runFolder]) makeFolder(folder)
  makeOpenFolder(LOG_FOLDER)
  const earlier = changed.map(({ path }) => ({ path, text: readText(path) }))
  for (const { path, text } of changed) putFile(path, text)
  try {
    await testConfiguration(nginx.program, places.config)
  } catch (error) {
    // The nginx that runs would take the refused files with its next start.
    for (const { path, text } of earlier) {
      if (text === undefined) removeFile(path)
      else putFile(path, text)
    }
    throw error
  }
  writeMark({ program: nginx.program, port: options.port })
  const done = await startOrReload(nginx.program, places)
  await waitForRelease(places)
  return [...steps, `${done} ${nginx.program}`]
}

/** @throws CniError */
export async function uninstallGateway(settings: Settings): Promise<Steps> {
  const places = gatewayPlaces(settings)
  const mark = readMark()
  const steps: string[] = []
  // The agent starts no nginx without it.
  removeMark()
  if (mark !== undefined && isNginxPath(mark.program)) {
    await stopNginx(mark.program, places)
    steps.push(`stopped ${mark.program}`)
  }
  for (const path of [UNIT_FILE, ROTATION_FILE, places.snapshot].filter(isThere)) {
    removeFile(path)
    steps.push(`removed ${path}`)
  }
  for (const folder of [places.folder, places.runFolder].filter(isThere)) {
    removeTree(folder)
    steps.push(`removed ${folder}`)
  }
  return steps
}

function refuseTakenPorts(ports: readonly number[]): void {
  for (const port of ports) {
    const holder = portHolder({ protocol: 'tcp', address: '0.0.0.0', port })
    if (holder === undefined) continue
    throw new CniError(
      CniCode.IoFailure,
      `port ${String(port)} is taken`,
      `${holder.name} (pid ${String(holder.pid)}) listens on it; stop it, or set httpGateway.port and ` +
        'httpGateway.statusPort in /etc/flatnet/flatnet.json' +
        (holder.name === 'nginx' ? "; Debian's own nginx: systemctl disable --now nginx" : ''),
    )
  }
}
