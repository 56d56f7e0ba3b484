// The settings of this host: the object in /etc/flatnet/flatnet.json. A conflist entry may override any key.

import { formatIp, type Ip, parseIp } from '../addr/ip.ts'
import { formatPrefix, networkOf, type Prefix, parsePrefix } from '../addr/prefix.ts'
import { interfaceNameProblem } from '../cni/environment.ts'
import { type NamesSettings, parseNames } from './names-settings.ts'
import {
  type Bandwidth,
  parseBandwidth,
  parseExtraRoutes,
  parseSysctls,
  type Sysctl,
} from './container-settings.ts'
import type { ExtraRoute } from '../net/plan.ts'
import {
  configError,
  describe,
  optionalBoolean,
  optionalInteger,
  optionalObject,
  optionalString,
  refuseUnknownKeys,
} from './shape.ts'
import { isObject, type JsonObject } from '../json.ts'

/** The file with the host's own settings. */
export const SETTINGS_FILE = '/etc/flatnet/flatnet.json'

/**
 * All settings, checked and with defaults filled in, so that no later code needs to check for missing keys.
 */
export interface Settings {
  readonly nebula: {
    readonly ca: string
    readonly cert: string
    /** The certificate's private key and Nebula's own configuration. The verbs read neither. */
    readonly key: string
    readonly config: string
    readonly device: string
  }
  /** The pool of all hosts: one network per family. */
  readonly pools: readonly Prefix[]
  readonly bridge: string
  /** Bytes. */
  readonly mtu: number | 'auto'
  readonly ipMasq: boolean
  /** Whether the bridge sends frames back out of the port they arrived on, for every container. */
  readonly hairpinMode: boolean
  readonly promiscMode: boolean
  /** Whether containers on other bridges of ours are blocked. */
  readonly isolation: boolean
  /** Whether a port is published even though a program of the host listens on it. */
  readonly takeOverPorts: boolean
  readonly routes: readonly ExtraRoute[]
  readonly sysctls: readonly Sysctl[]
  readonly bandwidth: Bandwidth
  readonly gateway: { readonly via: Ip | 'auto' | 'none'; readonly dev: string }
  readonly metrics: { readonly p2p: number; readonly gateway: number }
  readonly names: NamesSettings
  readonly peers: string
  /** Maps a peer's overlay address (canonical text) to its own gateway hop. */
  readonly peerGateways: ReadonlyMap<string, Ip>
  /**
   * The object "agent" as written, and its name in errors. agent-settings.ts parses it; the verbs do not need
   * it.
   */
  readonly agent: { readonly value: unknown; readonly path: string }
  /** The object "httpGateway" as written, likewise (http-gateway-settings.ts). */
  readonly httpGateway: { readonly value: unknown; readonly path: string }
  /** agent.dataDir, the directory of the certificates that the agent has learnt. The verbs read those. */
  readonly dataDir: string
  readonly stateDir: string
  readonly runDir: string
}

/** The top-level keys of the object. */
export const SETTINGS_KEYS = [
  'nebula',
  'pool',
  'bridge',
  'mtu',
  'ipMasq',
  'hairpinMode',
  'promiscMode',
  'isolation',
  'takeOverPorts',
  'routes',
  'sysctl',
  'bandwidth',
  'gateway',
  'metrics',
  'names',
  'peers',
  'peerGateways',
  'agent',
  'httpGateway',
  'stateDir',
  'runDir',
] as const

/**
 * Merges the layers and checks the result. Later layers win; the objects nebula, gateway, metrics and names
 * are merged key by key.
 * @param layers each with its name in errors
 * @throws CniError UnsupportedField for an unknown key, InvalidConfig with the path of an invalid value
 */
export function parseSettings(layers: readonly { object: JsonObject; source: string }[]): Settings {
  const at = (key: string): { value: unknown; path: string } => {
    const layer = layers.findLast(({ object }) => object[key] !== undefined)
    return { value: layer?.object[key], path: `${layer?.source ?? 'default'}: ${key}` }
  }
  const part = (name: string, known: readonly string[]) => {
    const merged: Record<string, { value: unknown; path: string }> = {}
    for (const { object, source } of layers) {
      const path = `${source}: ${name}`
      const values = optionalObject(object[name], path)
      refuseUnknownKeys(values, known, path)
      for (const [key, value] of Object.entries(values)) merged[key] = { value, path: `${path}.${key}` }
    }
    return (key: string) => merged[key] ?? { value: undefined, path: `${name}.${key}` }
  }
  const nebula = part('nebula', ['ca', 'cert', 'key', 'config', 'device'])
  const gateway = part('gateway', ['via', 'dev'])
  const metrics = part('metrics', ['p2p', 'gateway'])
  const names = part('names', ['domain', 'give'])
  const settings: Settings = {
    nebula: {
      ca: absolutePath(nebula('ca'), '/etc/nebula/ca.crt'),
      cert: absolutePath(nebula('cert'), '/etc/nebula/host.crt'),
      key: absolutePath(nebula('key'), '/etc/nebula/host.key'),
      config: absolutePath(nebula('config'), '/etc/nebula/config.yml'),
      device: linkName(nebula('device'), 'auto'),
    },
    pools: parsePools(at('pool')),
    bridge: linkName(at('bridge'), 'flatnet0'),
    mtu: parseMtu(at('mtu')),
    ipMasq: flag(at('ipMasq'), true),
    hairpinMode: flag(at('hairpinMode'), false),
    promiscMode: flag(at('promiscMode'), false),
    isolation: flag(at('isolation'), false),
    takeOverPorts: flag(at('takeOverPorts'), false),
    routes: parseExtraRoutes(at('routes').value, at('routes').path),
    sysctls: parseSysctls(at('sysctl').value, at('sysctl').path),
    bandwidth: parseBandwidth(at('bandwidth').value, at('bandwidth').path),
    gateway: { via: parseVia(gateway('via')), dev: linkName(gateway('dev'), 'auto') },
    metrics: { p2p: metric(metrics('p2p'), 100), gateway: metric(metrics('gateway'), 500) },
    names: parseNames(names),
    peers: absolutePath(at('peers'), '/etc/flatnet/peers.d'),
    peerGateways: parsePeerGateways(at('peerGateways')),
    agent: at('agent'),
    httpGateway: at('httpGateway'),
    dataDir: parseDataDir(at('agent')),
    stateDir: absolutePath(at('stateDir'), '/var/lib/cni/flatnet'),
    runDir: absolutePath(at('runDir'), '/run/flatnet'),
  }
  if (settings.metrics.p2p >= settings.metrics.gateway) {
    throw configError(
      metrics('gateway').path,
      'must be higher than metrics.p2p, or the gateway path would be preferred',
    )
  }
  if (settings.hairpinMode && settings.promiscMode)
    throw configError(at('promiscMode').path, 'cannot be combined with hairpinMode')
  if (settings.bridge === 'auto') throw configError(at('bridge').path, 'must be the name of a bridge')
  return settings
}

interface Found {
  readonly value: unknown
  readonly path: string
}

function flag({ value, path }: Found, fallback: boolean): boolean {
  return optionalBoolean(value, path) ?? fallback
}

// Paths go to the file system unchanged. A relative one would depend on the runtime's working directory.
function absolutePath({ value, path }: Found, fallback: string): string {
  const text = optionalString(value, path) ?? fallback
  if (!text.startsWith('/') || text.includes('\0')) {
    throw configError(path, `needs an absolute path, got ${describe(value)}`)
  }
  return text
}

function parseDataDir({ value, path }: Found): string {
  const given = isObject(value) ? value['dataDir'] : undefined
  return absolutePath({ value: given, path: `${path}.dataDir` }, '/var/lib/flatnet')
}

function linkName({ value, path }: Found, fallback: string): string {
  const text = optionalString(value, path) ?? fallback
  const problem = interfaceNameProblem(text)
  if (problem !== undefined) throw configError(path, `${describe(text)} ${problem}`)
  return text
}

function parsePools({ value, path }: Found): readonly Prefix[] {
  const list =
    value === undefined || value === null ? ['10.87.0.0/16'] : Array.isArray(value) ? value : [value]
  const pools = list.map((item: unknown) => {
    const prefix = typeof item === 'string' ? parsePrefix(item) : undefined
    if (prefix === undefined)
      throw configError(path, `needs networks like 10.87.0.0/16, got ${describe(item)}`)
    const network = networkOf(prefix)
    if (network.value !== prefix.value) {
      throw configError(
        path,
        `host bits set in ${formatPrefix(prefix)}, the network is ${formatPrefix(network)}`,
      )
    }
    return network
  })
  if (pools.length === 0) throw configError(path, 'needs at least one network')
  if (new Set(pools.map((pool) => pool.family)).size !== pools.length) {
    throw configError(path, `takes one network per family, got ${describe(value)}`)
  }
  return pools
}

// RFC 791 requires 68 bytes of every IPv4 link, RFC 8200 section 5 requires 1280 of every IPv6 link. Below
// 576, nothing works in practice.
function parseMtu({ value, path }: Found): number | 'auto' {
  return value === 'auto' ? 'auto' : (optionalInteger(value, path, 576, 65535) ?? 'auto')
}

function parseVia({ value, path }: Found): Ip | 'auto' | 'none' {
  const text = optionalString(value, path) ?? 'auto'
  if (text === 'auto' || text === 'none') return text
  const ip = parseIp(text)
  if (ip === undefined) throw configError(path, `needs "auto", "none" or an address, got ${describe(text)}`)
  return ip
}

// The highest metric is reserved for the unreachable pool route (src/route/plan.ts).
function metric({ value, path }: Found, fallback: number): number {
  return optionalInteger(value, path, 1, 4294967294) ?? fallback
}

function parsePeerGateways({ value, path }: Found): ReadonlyMap<string, Ip> {
  const hops = new Map<string, Ip>()
  for (const [key, hop] of Object.entries(optionalObject(value, path))) {
    const overlay = parseIp(key)
    if (overlay === undefined) throw configError(`${path}.${key}`, "the key must be a peer's overlay address")
    const via = typeof hop === 'string' ? parseIp(hop) : undefined
    if (via === undefined) throw configError(`${path}.${key}`, `needs an address, got ${describe(hop)}`)
    hops.set(formatIp(overlay), via)
  }
  return hops
}
