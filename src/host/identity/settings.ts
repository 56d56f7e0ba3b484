// The host's settings: the file under /etc/flatnet, overridden by a conflist entry.

import { parseSettings, type Settings, SETTINGS_FILE, SETTINGS_KEYS } from '../../config/settings.ts'
import { withoutMark } from '../../config/source-text.ts'
import { parseObject, refuseUnknownKeys } from '../../config/shape.ts'
import type { JsonObject } from '../../json.ts'
import { CniError, errorText } from '../../cni/error.ts'
import type { Log } from '../../log.ts'
import { readOptional } from '../../state/files/source-file.ts'

/**
 * Reads the settings file and merges `own` over it. The file may be missing, because every key has a default.
 * @param own the settings keys of a network configuration
 * @param file a settings file other than /etc/flatnet/flatnet.json
 * @throws CniError that names file, key and value
 */
export function loadSettings(own: JsonObject, file: string = SETTINGS_FILE): Settings {
  const text = readOptional(file, 'settings file')
  const base = text === undefined ? {} : parseObject(withoutMark(text), file)
  refuseUnknownKeys(base, SETTINGS_KEYS, `${file}: `.trimEnd())
  return parseSettings([
    { object: base, source: file },
    { object: own, source: 'network configuration' },
  ])
}

/**
 * Returns the state directory for DEL. A container must be removable regardless of changes to the settings
 * since its ADD. So damaged settings are logged, and this one key is read from the part that is readable.
 * @throws CniError InvalidConfig if `stateDir` itself is wrong
 */
export function stateDirForDel(own: JsonObject, log: Log, file: string = SETTINGS_FILE): string {
  return folderAnyway('stateDir', own, log, file)
}

/** Returns the folders of a dead agent, read likewise; the default for one that cannot be read even so. */
export function foldersOfDead(log: Log, file: string = SETTINGS_FILE): Pick<Settings, 'stateDir' | 'runDir'> {
  const folder = (key: 'stateDir' | 'runDir'): string => {
    try {
      return folderAnyway(key, {}, log, file)
    } catch (error) {
      if (!(error instanceof CniError)) throw error
      return parseSettings([])[key]
    }
  }
  return { stateDir: folder('stateDir'), runDir: folder('runDir') }
}

function folderAnyway(key: 'stateDir' | 'runDir', own: JsonObject, log: Log, file: string): string {
  try {
    return loadSettings(own, file)[key]
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    log('warn', 'settings damaged', { file, error: errorText(error) })
  }
  const only = (object: JsonObject): JsonObject => (object[key] === undefined ? {} : { [key]: object[key] })
  return parseSettings([
    { object: only(readableObject(file)), source: file },
    { object: only(own), source: 'network configuration' },
  ])[key]
}

function readableObject(file: string): JsonObject {
  try {
    return parseObject(withoutMark(readOptional(file, 'settings file') ?? '{}'), file)
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    return {}
  }
}
