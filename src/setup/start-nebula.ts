// What is left to do for a Nebula that did not run when its certificate was renewed: it exits with an expired
// one.

import { START_SCRIPT, OWN_NEBULA_UNIT, PACKAGED_NEBULA_UNIT } from '../provision/host/wanted.ts'
import { runsNebula } from '../kernel/nebula/reload.ts'
import { isThere } from '../state/files/output-file.ts'

// flatnet-nebula.service and flatnet-start.sh start it again each second. Others give up.
const KEEPER_MS = 5000
const PAUSE_MS = 200

/** Waits for a Nebula with this configuration. Returns the command that starts it where none comes. */
export async function commandToStart(config: string): Promise<string | undefined> {
  const end = performance.now() + KEEPER_MS
  while (!runsNebula(config)) {
    if (performance.now() >= end) return startCommand()
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  return undefined
}

function startCommand(): string {
  if (!isThere('/run/systemd/system')) return `${START_SCRIPT} start`
  const isOwn = isThere(`/etc/systemd/system/${OWN_NEBULA_UNIT}`)
  return `systemctl restart ${isOwn ? OWN_NEBULA_UNIT : PACKAGED_NEBULA_UNIT}`
}
