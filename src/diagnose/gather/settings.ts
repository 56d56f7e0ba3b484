// Gathers the settings file, and the settings that result from it.

import type { Facts } from '../../check/facts.ts'
import { CniError, errorText } from '../../cni/error.ts'
import { loadSettings } from '../../host/identity/settings.ts'
import { fileStamp } from '../../state/files/source-file.ts'
import type { GatherContext } from '../context.ts'

/**
 * Gathers the settings.
 * @throws CniError naming file, key and value
 */
export function gatherSettings({ settingsFile }: GatherContext): Facts['settings'] {
  return loadSettings({}, settingsFile)
}

export function gatherSettingsFile({ settingsFile: path }: GatherContext): Facts['settingsFile'] {
  const isThere = fileStamp(path) !== 'none'
  try {
    loadSettings({}, path)
    return { path, isThere, problem: undefined }
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    return { path, isThere, problem: errorText(error) }
  }
}
