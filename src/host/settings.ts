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
  try {
    return loadSettings(own, file).stateDir
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    log('warn', 'settings damaged', { file, error: `${error.message}: ${error.details}` })
  }
  const layers = [
    { object: stateDirOf(readableObject(file)), source: file },
    { object: stateDirOf(own), source: 'network configuration' },
  ]
  return parseSettings(layers).stateDir
}

function stateDirOf({ stateDir }: { readonly stateDir?: unknown }): JsonObject {
  return stateDir === undefined ? {} : { stateDir }
}

function readableObject(file: string): JsonObject {
  try {
    return parseObject(readOptional(file, 'settings file') ?? '{}', file)
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    return {}
  }
}
