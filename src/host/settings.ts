// The host's settings: the file under /etc/flatnet with what a conflist entry overrides on top.

import { parseSettings, type Settings, SETTINGS_FILE, SETTINGS_KEYS } from '../config/settings.ts'
import { type JsonObject, parseObject, refuseUnknownKeys } from '../config/shape.ts'
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
