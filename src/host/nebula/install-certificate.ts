// Puts a renewed certificate of this host in place.

import type { Settings } from '../../config/settings.ts'
import { reloadNebula } from '../../kernel/nebula/reload.ts'
import { noteReloadDue, noteReloaded } from '../../state/agent/statements.ts'
import { changeOwn } from './change-own.ts'

/**
 * Replaces the certificate and makes Nebula read it. A kill in between leaves the new file and a note, by
 * which the next start reloads Nebula. Returns the processes that were told.
 * @throws CniError that names the file
 */
export function installCertificate(
  { nebula, dataDir }: Pick<Settings, 'nebula' | 'dataDir'>,
  pem: string,
): readonly number[] {
  noteReloadDue(dataDir)
  changeOwn(nebula.cert, () => pem)
  const told = reloadNebula(nebula.config)
  noteReloaded(dataDir)
  return told
}
