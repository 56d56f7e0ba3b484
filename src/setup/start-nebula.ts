// What is left to do for a Nebula that did not run when its certificate was renewed: it exits with an expired
// one.

import type { Settings } from '../config/settings.ts'
import { nebulaService } from '../host/nebula/service.ts'
import { runsNebula } from '../kernel/nebula/reload.ts'
import { type NebulaService, nebulaStep } from '../nebula/service.ts'

// flatnet-nebula.service and flatnet-start.sh start it again each second. Others give up.
const KEEPER_MS = 5000
const PAUSE_MS = 200

/** Waits for a Nebula with this configuration. Returns the command that starts it where none comes. */
export async function commandToStart({ nebula }: Pick<Settings, 'nebula'>): Promise<string | undefined> {
  const end = performance.now() + KEEPER_MS
  while (!runsNebula(nebula.config)) {
    if (performance.now() >= end) return startCommand(await nebulaService({ nebula }))
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  return undefined
}

// A unit that has given up counts as failed, and is started again so.
function startCommand(service: NebulaService): string {
  return nebulaStep(service.kind === 'unit' ? 'restart' : 'start', service)
}
