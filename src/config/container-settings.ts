// Settings that end inside the container: extra routes, kernel settings of its interface, bandwidth.

import { type Ip, parseIp } from '../addr/ip.ts'
import { formatPrefix, networkOf, type Prefix, parsePrefix } from '../addr/prefix.ts'
import {
  anyCase,
  configError,
  describe,
  isObject,
  optionalInteger,
  optionalObject,
  refuseUnknownKeys,
} from './shape.ts'

/** A route inside the container, as a result of CNI 1.1.0 says it. Without `gw`: by way of the bridge. */
export interface ExtraRoute {
  readonly dst: Prefix
  readonly gw?: Ip
  /** Bytes. */
  readonly mtu?: number
  /** Bytes. */
  readonly advmss?: number
  /** What `ip route` calls metric. */
  readonly priority?: number
  readonly table?: number
  /** 0 (everywhere) to 255 (nowhere); from 253 (this link) on there is no next hop. */
  readonly scope?: number
}

/** One kernel setting: below /proc/sys/net, with IFNAME for the interface's name. */
export interface Sysctl {
  readonly name: string
  readonly value: string
}

/** Bits per second and bits of one direction. */
export interface RateLimit {
  readonly rate: number
  readonly burst: number
}

/** Seen from the container: `ingress` comes to it. Undefined is unlimited. */
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

/** Reads the list of routes. @throws CniError InvalidConfig or UnsupportedField with the path of a wrong value */
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

// What concerns one interface of the container's own and nothing else: whole namespaces and other protocols are for the
// runtime (podman run --sysctl).
const ALLOWED = /^(ipv4|ipv6)\/(conf|neigh)\/IFNAME\/[a-z0-9_]+$/

/**
 * Reads an object of kernel settings, names as in sysctl(8): "net.ipv4.conf.IFNAME.arp_notify", or with slashes.
 * @throws CniError InvalidConfig for a name that is not on the list
 */
export function parseSysctls(value: unknown, path: string): readonly Sysctl[] {
  return Object.entries(optionalObject(value, path)).map(([key, setting]) => {
    const name = (key.includes('/') ? key : key.replaceAll('.', '/')).replace(/^net\//, '')
    if (!ALLOWED.test(name)) {
      const allowed =
        'net.ipv4.conf.IFNAME.*, net.ipv4.neigh.IFNAME.*, net.ipv6.conf.IFNAME.*, net.ipv6.neigh.IFNAME.*'
      throw configError(`${path}.${key}`, `may not be set here, only ${allowed}`)
    }
    const text = typeof setting === 'number' ? String(setting) : setting
    if (typeof text !== 'string' || !/^[\x20-\x7e]{1,100}$/.test(text))
      throw configError(`${path}.${key}`, `needs a number or a text, got ${describe(setting)}`)
    return { name, value: text }
  })
}

/**
 * Reads `ingressRate`, `ingressBurst`, `egressRate`, `egressBurst` (CONVENTIONS, "bandwidth": bits per second and bits) in
 * any letter case. A rate of 0 is no limit; a missing burst is what the rate carries in a second.
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
