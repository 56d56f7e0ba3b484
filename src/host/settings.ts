// The host's settings: the file under /etc/flatnet with what a conflist entry overrides on top.

import { parseSettings, type Settings, SETTINGS_FILE, SETTINGS_KEYS } from '../config/settings.ts'
import { type JsonObject, parseObject, refuseUnknownKeys } from '../config/shape.ts'
import { CniError } from '../cni/error.ts'
import type { Log } from '../log.ts'
import { readOptional } from '../state/source-file.ts'

/**
 * Reads the settings file (none is fine: every key has a default) and merges `own` over it.
 * @param own the settings keys of a network configuration
 * @param file another settings file than /etc/flatnet/flatnet.json
 * @throws CniError naming file, key and value
 */
export function loadSettings(own: JsonObject, file: string = SETTINGS_FILE): Settings {
  const text = readOptional(file, 'settings file')
  const base = text === undefined ? {} : parseObject(text, file)
  refuseUnknownKeys(base, SETTINGS_KEYS, `${file}: `.trimEnd())
  return parseSettings([
    { object: base, source: file },
    { object: own, source: 'network configuration' },
  ])
}

/**
 * Where DEL finds what ADD did. A container has to go whatever has become of the settings since its ADD, so when they are
 * damaged that is said and this one key is read of what is left of them.
 * @throws CniError InvalidConfig when `stateDir` itself is wrong
 */
export function stateDirForDel(own: JsonObject, log: Log, file: string = SETTINGS_FILE): string {
  return folderAnyway('stateDir', own, log, file)
}

/** Where a dead agent's routes are written down, read likewise; the default where not even that can be read. */
export function runDirForWithdrawal(log: Log, file: string = SETTINGS_FILE): string {
  try {
    return folderAnyway('runDir', {}, log, file)
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    return parseSettings([]).runDir
  }
}

function folderAnyway(key: 'stateDir' | 'runDir', own: JsonObject, log: Log, file: string): string {
  try {
    return loadSettings(own, file)[key]
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    log('warn', 'settings damaged', { file, error: `${error.message}: ${error.details}` })
  }
  const only = (object: JsonObject): JsonObject => (object[key] === undefined ? {} : { [key]: object[key] })
  return parseSettings([
    { object: only(readableObject(file)), source: file },
    { object: only(own), source: 'network configuration' },
  ])[key]
}

function readableObject(file: string): JsonObject {
  try {
    return parseObject(readOptional(file, 'settings file') ?? '{}', file)
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    return {}
  }
}
