// A network configuration as `check` sees it: its contents, and the objections of flatnet-cni to its own
// part.

import { formatPrefix } from '../../addr/prefix.ts'
import { CniError, errorText } from '../../cni/error.ts'
import { parseIpamConf } from '../../config/cni/ipam-conf.ts'
import { parseNetConf } from '../../config/cni/netconf.ts'
import { parseSettings } from '../../config/settings.ts'
import { BYTE_ORDER_MARK } from '../../config/source-text.ts'
import { anyCase, parseObject } from '../../config/shape.ts'
import { isObject, type JsonObject } from '../../json.ts'
import type { ConflistFile, ConflistPlugin, ConflistSettings } from '../facts/conflists.ts'

/**
 * Reads one file.
 * @param base the host's own settings, which each configuration overrides
 */
export function readConflist(path: string, text: string, base: JsonObject): ConflistFile {
  const nothing = { path, name: '', cniVersion: '', plugins: [], refusals: [], settings: undefined }
  // Every runtime reads these files with Go's encoding/json.
  if (text.startsWith(BYTE_ORDER_MARK)) {
    const problem = 'begins with a byte order mark, which no runtime can read: save it as UTF-8 without one'
    return { ...nothing, problem }
  }
  let conf: JsonObject
  try {
    conf = parseObject(text, path)
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    return { ...nothing, problem: error.details.replace(`${path}: `, '') }
  }
  // A file that ends in .conf holds one plugin (CNI SPEC 1.1.0, section 1; libcni, ConfFiles).
  const list = path.endsWith('.conflist') ? anyCase(conf, 'plugins') : [conf]
  const name = textOf(conf, 'name')
  const cniVersion = textOf(conf, 'cniVersion') || '0.1.0'
  if (name === '') return { ...nothing, problem: 'has no "name"' }
  if (!Array.isArray(list) || list.length === 0) return { ...nothing, name, problem: 'has no "plugins"' }
  if (!list.every((item) => isObject(item) && textOf(item, 'type') !== ''))
    return { ...nothing, name, problem: 'a plugin in it has no "type"' }
  const plugins = (list as JsonObject[]).map(pluginOf)
  const parts = plugins.filter(isOurs).map((plugin) => checkPart(plugin, { name, cniVersion }, base))
  return {
    path,
    problem: undefined,
    name,
    cniVersion,
    plugins,
    refusals: parts.flatMap((part) => (typeof part === 'string' ? [part] : [])),
    settings: parts.find((part) => typeof part !== 'string'),
  }
}

/** Tells whether a plugin is one of ours, or delegates IPAM to one. */
export function isOurs({ type, ipam }: ConflistPlugin): boolean {
  return type === 'flatnet-cni' || type === 'flatnet-ipam' || ipam === 'flatnet-ipam'
}

function pluginOf(conf: JsonObject): ConflistPlugin {
  const ipam = anyCase(conf, 'ipam')
  const capabilities = anyCase(conf, 'capabilities')
  return {
    type: textOf(conf, 'type'),
    ipam: isObject(ipam) ? textOf(ipam, 'type') || undefined : undefined,
    capabilities: isObject(capabilities)
      ? Object.keys(capabilities).filter((key) => capabilities[key] === true)
      : [],
    conf,
  }
}

// Runs the same functions as an ADD, with the keys that the runtime adds to the plugin's part (SPEC, section
// 4).
function checkPart(
  plugin: ConflistPlugin,
  head: { readonly name: string; readonly cniVersion: string },
  base: JsonObject,
): ConflistSettings | string {
  const conf = { ...plugin.conf, ...head }
  try {
    const { own } = plugin.type === 'flatnet-cni' ? parseNetConf(conf, true) : parseIpamConf(conf, true)
    const settings = parseSettings([
      { object: base, source: 'settings file' },
      { object: own, source: 'network configuration' },
    ])
    const { stateDir, pools, bridge } = settings
    return { stateDir, pools: pools.map(formatPrefix).join(', '), bridge }
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    return errorText(error)
  }
}

function textOf(object: JsonObject, key: string): string {
  const value = anyCase(object, key)
  return typeof value === 'string' ? value : ''
}
