// Finds temporary files and lock folders that killed processes left in the folders flatnet-cni writes to.

import { join } from 'node:path'
import { parseAgentSettings } from '../../config/agent-settings.ts'
import type { JsonObject } from '../../json.ts'
import { CniError } from '../../cni/error.ts'
import { learntFolder } from '../../state/files/certificate-folder.ts'
import { leaseFolder } from '../../state/addresses/leases.ts'
import { recordFolders } from '../../state/addresses/records.ts'
import { leftTemporaries } from '../../state/files/temporary.ts'
import { loadSettings } from '../identity/settings.ts'

/**
 * Returns their paths. @param own the settings keys of the network configuration @throws CniError IoFailure
 */
export function temporariesOfEnded(stateDir: string, own: JsonObject): readonly string[] {
  const folders = [stateDir, leaseFolder(stateDir), ...recordFolders(stateDir), ...agentFolders(own)]
  return [...new Set(folders)].flatMap(leftTemporaries)
}

// If the settings cannot be read, the folders that they name are left for another time.
function agentFolders(own: JsonObject): readonly string[] {
  try {
    const { runDir, agent } = loadSettings(own)
    const { dataDir } = parseAgentSettings(agent.value, agent.path)
    return [runDir, dataDir, learntFolder(dataDir), join(dataDir, 'history')]
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    return []
  }
}
