// The configuration of a plugin that delegates IPAM to us. Only its `ipam` object is ours.

import { formatIp, parseIp } from '../../addr/ip.ts'
import { formatPrefix, networkOf, parsePrefix } from '../../addr/prefix.ts'
import { CniCode, CniError } from '../../cni/error.ts'
import type { ResultRoute } from '../../cni/result.ts'
import { type NetConf, parseProtocol, settingsIn } from './netconf.ts'
import { SETTINGS_KEYS } from '../settings.ts'
import {
  anyCase,
  configError,
  describe,
  optionalInteger,
  optionalObject,
  refuseUnknownKeys,
} from '../shape.ts'
import { isObject, type JsonObject } from '../../json.ts'

/** A delegated call, checked. `own` holds the settings keys given inside `ipam`. */
export interface IpamConf extends NetConf {
  /** `ipam.routes` in canonical form. */
  readonly routes: readonly ResultRoute[]
}

// Settings that matter without links of our own.
const SETTINGS = ['nebula', 'pool', 'stateDir', 'runDir']
// `ranges` is allowed for display, as in the entry of flatnet-cni.
const OTHERS = ['type', 'routes', 'ranges']

/**
 * Parses the caller's configuration.
 * @param strict false for DEL and GC, which read only what names and finds attachments
 * @throws CniError as parseNetConf does; UnsupportedField for a key in `ipam` that is unknown or has no
 * effect there
 */
export function parseIpamConf(conf: JsonObject, strict: boolean): IpamConf {
  const base = parseProtocol(conf, strict)
  const ipam = optionalObject(anyCase(conf, 'ipam'), 'ipam')
  if (strict) {
    refuseWithoutEffect(ipam)
    refuseUnknownKeys(ipam, [...OTHERS, ...SETTINGS], 'ipam')
  }
  // Keep only addresses. Other capabilities and arguments are for the calling plugin.
  const only = (object: JsonObject): JsonObject => {
    const ips = anyCase(object, 'ips')
    return ips === undefined || ips === null ? {} : { ips }
  }
  return {
    ...base,
    runtimeConfig: only(base.runtimeConfig),
    argsCni: only(base.argsCni),
    // `routes` is also a settings key of flatnet-cni, where it means something else.
    own: settingsIn(Object.fromEntries(SETTINGS.map((key) => [key, ipam[key]]))),
    routes: strict ? parseRoutes(ipam['routes']) : [],
  }
}

function refuseWithoutEffect(ipam: JsonObject): void {
  const device = isObject(ipam['nebula']) && 'device' in ipam['nebula'] ? ['nebula.device'] : []
  const idle = SETTINGS_KEYS.filter((key) => !SETTINGS.includes(key) && !OTHERS.includes(key) && key in ipam)
  const [first] = [...idle, ...device]
  if (first === undefined) return
  throw new CniError(
    CniCode.UnsupportedField,
    'key without effect',
    `ipam.${first}: ${describe(first === 'nebula.device' ? ipam['nebula'] : ipam[first])} ` +
      '(flatnet-ipam only assigns addresses; the calling plugin makes links, ' +
      'and flatnet-cni sync installs host routes)',
  )
}

// SPEC 1.1.0, section 5, "Success": the fields of a route.
const NUMBERS = ['mtu', 'advmss', 'priority', 'table', 'scope'] as const

function parseRoutes(value: unknown): readonly ResultRoute[] {
  const list = value ?? []
  if (!Array.isArray(list)) throw configError('ipam.routes', `needs a list, got ${describe(list)}`)
  return list.map((item: unknown, index) => {
    const path = `ipam.routes[${String(index)}]`
    const route = optionalObject(item, path)
    refuseUnknownKeys(route, ['dst', 'gw', ...NUMBERS], path)
    const dst = typeof route['dst'] === 'string' ? parsePrefix(route['dst']) : undefined
    if (dst === undefined) {
      throw configError(`${path}.dst`, `needs a network like 192.0.2.0/24, got ${describe(route['dst'])}`)
    }
    const gw = parseHop(route['gw'], `${path}.gw`)
    const numbers = NUMBERS.map((key) => [
      key,
      optionalInteger(route[key], `${path}.${key}`, 0, 4294967295),
    ]).filter(([, number]) => number !== undefined)
    return {
      dst: formatPrefix(networkOf(dst)),
      ...(gw === undefined ? {} : { gw }),
      ...Object.fromEntries(numbers),
    }
  })
}

function parseHop(value: unknown, path: string): string | undefined {
  if (value === undefined || value === null || value === '') return undefined
  const ip = typeof value === 'string' ? parseIp(value) : undefined
  if (ip === undefined) throw configError(path, `needs an address, got ${describe(value)}`)
  return formatIp(ip)
}
