// Settings that apply inside the container: extra routes, kernel settings of its interface, bandwidth.

import type { ExtraRoute } from '../net/plan.ts'
import { parseIp } from '../addr/ip.ts'
import { formatPrefix, networkOf, parsePrefix } from '../addr/prefix.ts'
import {
  anyCase,
  configError,
  describe,
  optionalInteger,
  optionalObject,
  refuseUnknownKeys,
} from './shape.ts'
import { isObject } from '../json.ts'

/** One kernel setting below /proc/sys/net, with IFNAME in place of the interface name. */
export interface Sysctl {
  readonly name: string
  readonly value: string
}

/** Limits of one direction, in bits per second and bits. */
interface RateLimit {
  readonly rate: number
  readonly burst: number
}

/** As seen from the container: `ingress` is traffic to it. Undefined means unlimited. */
export interface Bandwidth {
  readonly ingress: RateLimit | undefined
  readonly egress: RateLimit | undefined
}

const ROUTE_NUMBERS = {
  mtu: 65535,
  advmss: 65535,
  priority: 4294967295,
  table: 4294967295,
  scope: 255,
} as const

/**
 * Parses the list of routes. @throws CniError InvalidConfig or UnsupportedField with the path of an invalid
 * value
 */
export function parseExtraRoutes(value: unknown, path: string): readonly ExtraRoute[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw configError(path, `needs a list, got ${describe(value)}`)
  return value.map((item: unknown, index) => parseRoute(item, `${path}[${String(index)}]`))
}

function parseRoute(item: unknown, path: string): ExtraRoute {
  if (!isObject(item)) throw configError(path, `needs an object, got ${describe(item)}`)
  refuseUnknownKeys(item, ['dst', 'gw', ...Object.keys(ROUTE_NUMBERS)], path)
  const dst = typeof item['dst'] === 'string' ? parsePrefix(item['dst']) : undefined
  if (dst === undefined)
    throw configError(`${path}.dst`, `needs a network like 10.0.0.0/8, got ${describe(item['dst'])}`)
  if (networkOf(dst).value !== dst.value)
    throw configError(`${path}.dst`, `host bits set, the network is ${formatPrefix(networkOf(dst))}`)
  const gw = typeof item['gw'] === 'string' ? parseIp(item['gw']) : undefined
  if (item['gw'] !== undefined && gw?.family !== dst.family)
    throw configError(`${path}.gw`, `needs an address of the family of dst, got ${describe(item['gw'])}`)
  const numbers = Object.entries(ROUTE_NUMBERS).flatMap(([key, most]) => {
    const number = optionalInteger(item[key], `${path}.${key}`, 0, most)
    return number === undefined ? [] : [[key, number] as const]
  })
  return { dst, ...(gw === undefined ? {} : { gw }), ...Object.fromEntries(numbers) }
}

// Only settings of the container's own interface. Settings of the whole namespace and of other protocols
// belong to the runtime (podman run --sysctl).
const ALLOWED = /^(ipv4|ipv6)\/(conf|neigh)\/IFNAME\/[a-z0-9_]+$/

/**
 * Parses an object of kernel settings with names as in sysctl(8): "net.ipv4.conf.IFNAME.arp_notify", or with
 * slashes.
 * @throws CniError InvalidConfig for a name that is not allowed
 */
export function parseSysctls(value: unknown, path: string): readonly Sysctl[] {
  return Object.entries(optionalObject(value, path)).map(([key, setting]) => {
    const name = (key.includes('/') ? key : key.replaceAll('.', '/')).replace(/^net\//, '')
    if (!ALLOWED.test(name)) {
      const allowed =
        'net.ipv4.conf.IFNAME.*, net.ipv4.neigh.IFNAME.*, net.ipv6.conf.IFNAME.*, net.ipv6.neigh.IFNAME.*'
      throw configError(`${path}.${key}`, `cannot be set here, only ${allowed}`)
    }
    const text = typeof setting === 'number' ? String(setting) : setting
    if (typeof text !== 'string' || !/^[\x20-\x7e]{1,100}$/.test(text))
      throw configError(`${path}.${key}`, `needs a number or a string, got ${describe(setting)}`)
    return { name, value: text }
  })
}

/**
 * Parses `ingressRate`, `ingressBurst`, `egressRate`, `egressBurst` (CONVENTIONS, "bandwidth": bits per
 * second and bits), in any letter case. A rate of 0 means no limit. A missing burst defaults to one second at
 * the rate.
 * @throws CniError InvalidConfig
 */
export function parseBandwidth(value: unknown, path: string): Bandwidth {
  const object = optionalObject(value, path)
  const limit = (way: 'ingress' | 'egress'): RateLimit | undefined => {
    const read = (key: string): number =>
      optionalInteger(anyCase(object, key), `${path}.${key}`, 0, Number.MAX_SAFE_INTEGER) ?? 0
    const [rate, burst] = [read(`${way}Rate`), read(`${way}Burst`)]
    if (rate === 0 && burst > 0) throw configError(`${path}.${way}Burst`, `has no effect without ${way}Rate`)
    return rate === 0 ? undefined : { rate, burst: burst === 0 ? rate : burst }
  }
  return { ingress: limit('ingress'), egress: limit('egress') }
}
