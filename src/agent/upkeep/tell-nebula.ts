// Makes this host's Nebula refuse what the statements revoke.

import { blockInNebula } from '../../host/nebula/block.ts'
import type { Log } from '../../log.ts'
import type { World } from '../world/world.ts'

/** Tells Nebula what it does not know yet. @throws CniError that names its configuration */
export function tellNebula({ settings, statements }: World, log: Log): void {
  const { added, told } = blockInNebula(settings, statements.revoked)
  if (added === 0 && told.length === 0) return
  const what = `${String(added)} certificates blocked, ${String(told.length)} processes reloaded`
  log('info', 'nebula told', { file: settings.nebula.config, what })
}
