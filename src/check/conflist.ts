// A network configuration as `check` sees it: what it says, and what flatnet-cni would say against its part of it.

import { formatPrefix } from '../addr/prefix.ts'
import { CniError } from '../cni/error.ts'
import { parseIpamConf } from '../config/ipam-conf.ts'
import { parseNetConf } from '../config/netconf.ts'
import { parseSettings } from '../config/settings.ts'
import { anyCase, isObject, type JsonObject, parseObject } from '../config/shape.ts'
import type { ConflistFile, ConflistPlugin, ConflistSettings } from './facts/conflists.ts'

/**
 * Reads one file.
 * @param base the host's own settings, which each configuration overrides
 */
export function readConflist(path: string, text: string, base: JsonObject): ConflistFile {
  const nothing = { path, name: '', cniVersion: '', plugins: [], refusals: [], settings: undefined }
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

/** Whether a plugin is one of ours, or takes its addresses from one. */
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

// The very functions that an ADD goes through, with what the runtime adds to the plugin's part (SPEC, section 4).
function checkPart(
  plugin: ConflistPlugin,
  head: { readonly name: string; readonly cniVersion: string },
  base: JsonObject,
): ConflistSettings | string {
  const text = JSON.stringify({ ...plugin.conf, ...head })
  try {
    const { own } = plugin.type === 'flatnet-cni' ? parseNetConf(text, true) : parseIpamConf(text, true)
    const settings = parseSettings([
      { object: base, source: 'settings file' },
      { object: own, source: 'network configuration' },
    ])
    const { stateDir, pools, bridge } = settings
    return { stateDir, pools: pools.map(formatPrefix).join(', '), bridge }
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    return `${error.message}: ${error.details}`
  }
}

function textOf(object: JsonObject, key: string): string {
  const value = anyCase(object, key)
  return typeof value === 'string' ? value : ''
}
