// What the runtime asks for this one attachment: addresses and a MAC, from the three places it may say so, and the other
// capabilities (CONVENTIONS).

import { formatIp, type Ip, parseIp } from '../addr/ip.ts'
import type { Span } from '../addr/span.ts'
import type { PortMapping } from '../net/port-mapping.ts'
import { type Bandwidth, parseBandwidth } from './container-settings.ts'
import { parseIpRanges } from './ip-ranges.ts'
import type { NetConf } from './netconf.ts'
import { parsePortMappings } from './port-mappings.ts'
import { anyCase, configError, describe, isObject, stringList } from './shape.ts'

/** Wishes of the runtime; `ips` holds at most one per family. */
export interface AttachmentRequest {
  readonly ips: readonly Ip[]
  /** Lower-case, six octets with colons. */
  readonly mac: string | undefined
  readonly ports: readonly PortMapping[]
  /** What addresses not asked for by name are to be chosen from; empty: the whole host subnet. */
  readonly ranges: readonly Span[]
  /** In place of the settings' where given. */
  readonly bandwidth: Bandwidth | undefined
  readonly aliases: readonly string[]
  /** What the runtime calls the container. */
  readonly containerName: string | undefined
}

/**
 * Collects `runtimeConfig.ips|mac`, `args.cni.ips|mac` and `IP=`/`MAC=` of CNI_ARGS. CNI_ARGS is passed over where
 * `args.cni` gives the same datum (CONVENTIONS); podman sends one address twice on `network reload`, so equal ones
 * count once.
 * @throws CniError InvalidConfig or InvalidEnvironment naming the key and value
 */
export function parseRequest(conf: NetConf, cniArgs: ReadonlyMap<string, string>): AttachmentRequest {
  const fromArgs = conf.argsCni['ips'] === undefined ? argsIps(cniArgs.get('IP')) : []
  const texts = [
    ...stringList(anyCase(conf.runtimeConfig, 'ips'), 'runtimeConfig.ips').map((ip) => [
      ip,
      'runtimeConfig.ips',
    ]),
    ...stringList(conf.argsCni['ips'], 'args.cni.ips').map((ip) => [ip, 'args.cni.ips']),
    ...fromArgs.map((ip) => [ip, 'CNI_ARGS IP']),
  ] as [string, string][]
  const ips = new Map<string, Ip>()
  for (const [text, path] of texts) {
    // A prefix length may follow ("ip[/prefix]", CONVENTIONS, "ips"); the certificate's subnet decides, not this one.
    const ip = parseIp(text.replace(/\/\d{1,3}$/, ''))
    if (ip === undefined) throw configError(path, `${describe(text)} is not an IP address`)
    ips.set(formatIp(ip), ip)
  }
  const list = [...ips.values()]
  if (new Set(list.map((ip) => ip.family)).size !== list.length) {
    throw configError('ips', `one address per family can be asked for, got ${[...ips.keys()].join(', ')}`)
  }
  const capability = (key: string): [unknown, string] => [
    anyCase(conf.runtimeConfig, key) ?? undefined,
    `runtimeConfig.${key}`,
  ]
  const [bandwidth, at] = capability('bandwidth')
  return {
    ips: list,
    mac: parseMac(conf, cniArgs),
    ports: parsePortMappings(...capability('portMappings')),
    ranges: parseIpRanges(...capability('ipRanges')),
    bandwidth: bandwidth === undefined ? undefined : parseBandwidth(bandwidth, at),
    aliases: parseAliases(...capability('aliases'), conf.name),
    containerName: parseContainerName(cniArgs.get('K8S_POD_NAME')),
  }
}

function argsIps(text: string | undefined): string[] {
  return text === undefined || text === '' ? [] : text.split(',')
}

function parseMac(conf: NetConf, cniArgs: ReadonlyMap<string, string>): string | undefined {
  const sources: [unknown, string][] = [
    [anyCase(conf.runtimeConfig, 'mac'), 'runtimeConfig.mac'],
    [conf.argsCni['mac'], 'args.cni.mac'],
    [cniArgs.get('MAC'), 'CNI_ARGS MAC'],
  ]
  const found = sources.find(([value]) => value !== undefined && value !== null && value !== '')
  if (found === undefined) return undefined
  const [value, path] = found
  const mac = typeof value === 'string' ? value.toLowerCase().replaceAll('-', ':') : ''
  if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac))
    throw configError(path, `${describe(value)} is not a MAC address`)
  // IEEE 802: the lowest bit of the first octet marks a group address, which no link can have.
  if (Number.parseInt(mac.slice(0, 2), 16) % 2 === 1 || mac === '00:00:00:00:00:00') {
    throw configError(path, `${mac} is not the address of one link (group bit set, or zero)`)
  }
  return mac
}

// CONVENTIONS has a list; podman sends an object of lists by network name.
function parseAliases(value: unknown, path: string, network: string): readonly string[] {
  return isObject(value) ? stringList(value[network], `${path}.${network}`) : stringList(value, path)
}

// Kubernetes' interface gives the pod's name so, and podman 4 the container's. For people only, so what looks like no name is
// passed over.
function parseContainerName(text = ''): string | undefined {
  return /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,252}$/.test(text) ? text : undefined
}
