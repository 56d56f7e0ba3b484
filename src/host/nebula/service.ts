// Finds what runs Nebula on this host: the unit of the process that has our configuration, the unit that is
// installed while none runs, or the script of hosts without systemd.

import { CniError } from '../../cni/error.ts'
import type { Settings } from '../../config/settings.ts'
import { mainProcessOf } from '../../exec/system/systemctl.ts'
import { processesOf } from '../../kernel/nebula/processes.ts'
import { unitOf } from '../../kernel/unit-of.ts'
import type { NebulaService } from '../../nebula/service.ts'
import {
  NEBULA_CONFIG,
  OWN_NEBULA_UNIT,
  PACKAGED_NEBULA_UNIT,
  START_SCRIPT,
  UNIT_FOLDERS,
} from '../../provision/host/wanted.ts'
import { isThere } from '../../state/files/output-file.ts'

/** Looks. */
export async function nebulaService({
  nebula: { config },
}: Pick<Settings, 'nebula'>): Promise<NebulaService> {
  const [own] = processesOf(config)
  if (own !== undefined) {
    const unit = unitOf(own.pid)
    // A process of cron, say, is in the unit of cron.
    if (unit !== undefined && (await isMain(own.pid, unit))) return { kind: 'unit', unit }
  }
  if (!isThere('/run/systemd/system'))
    return isThere(START_SCRIPT) ? { kind: 'script', path: START_SCRIPT } : { kind: 'unknown' }
  const unit = own === undefined ? installedUnit(config) : undefined
  return unit === undefined ? { kind: 'unknown' } : { kind: 'unit', unit }
}

async function isMain(pid: number, unit: string): Promise<boolean> {
  try {
    return (await mainProcessOf(unit)) === pid
  } catch (error) {
    // A container without systemctl, below the control group of a service.
    if (error instanceof CniError) return false
    throw error
  }
}

function installedUnit(config: string): string | undefined {
  const isInstalled = (file: string): boolean => UNIT_FOLDERS.some((folder) => isThere(`${folder}/${file}`))
  if (isInstalled(OWN_NEBULA_UNIT)) return OWN_NEBULA_UNIT
  if (config === NEBULA_CONFIG && isInstalled('nebula@.service')) return PACKAGED_NEBULA_UNIT
  return isInstalled('nebula.service') ? 'nebula.service' : undefined
}
