// The configuration of a plugin that delegates IPAM to us: its `ipam` object is ours, the rest of it is not.

import { formatIp, parseIp } from '../addr/ip.ts'
import { formatPrefix, networkOf, parsePrefix } from '../addr/prefix.ts'
import { CniCode, CniError } from '../cni/error.ts'
import type { ResultRoute } from '../cni/result.ts'
import { type NetConf, parseProtocol, parseStdin, settingsIn } from './netconf.ts'
import { SETTINGS_KEYS } from './settings.ts'
import {
  anyCase,
  configError,
  describe,
  isObject,
  type JsonObject,
  optionalInteger,
  optionalObject,
  refuseUnknownKeys,
} from './shape.ts'

/** A delegated call, checked; `own` holds the settings keys given inside `ipam`. */
export interface IpamConf extends NetConf {
  /** `ipam.routes`, canonical. */
  readonly routes: readonly ResultRoute[]
}

// Settings that have a meaning without links of our own.
const SETTINGS = ['nebula', 'pool', 'stateDir', 'runDir']
// `ranges` may stand there for display, as in the entry of flatnet-cni.
const OTHERS = ['type', 'routes', 'ranges']

/**
 * Reads the caller's configuration.
 * @param strict off for DEL and GC: only what names and finds attachments is read
 * @throws CniError as parseNetConf does; UnsupportedField for a key in `ipam` that is unknown or has no effect there
 */
export function parseIpamConf(text: string, strict: boolean): IpamConf {
  const conf = parseStdin(text)
  const base = parseProtocol(conf, strict)
  const ipam = optionalObject(anyCase(conf, 'ipam'), 'ipam')
  if (strict) {
    refuseWithoutEffect(ipam)
    refuseUnknownKeys(ipam, [...OTHERS, ...SETTINGS], 'ipam')
  }
  // The caller's other capabilities and arguments are its own business, an address is ours.
  const only = (object: JsonObject): JsonObject => {
    const ips = anyCase(object, 'ips')
    return ips === undefined || ips === null ? {} : { ips }
  }
  return {
    ...base,
    runtimeConfig: only(base.runtimeConfig),
    argsCni: only(base.argsCni),
    // `routes` is a settings key of flatnet-cni's as well, and another thing there.
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
      '(flatnet-ipam gives addresses only; links and host routes are the calling plugin’s and flatnet-cni sync’s)',
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
