// CNI's words for one attachment: addresses and a MAC, from the three places where they may appear, and the
// other capabilities (CONVENTIONS).

import { formatIp, type Ip, parseIp } from '../../addr/ip.ts'
import type { CniEnvironment } from '../../cni/environment.ts'
import type { AttachmentRequest } from '../attachment-request.ts'
import { parseBandwidth } from '../container-settings.ts'
import { parseContainerName } from '../container-name.ts'
import { parseIpRanges } from '../ip-ranges.ts'
import { parseMacText } from '../mac.ts'
import { type NetConf, placeOf } from './netconf.ts'
import { parsePortMappings } from '../port-mappings.ts'
import { anyCase, configError, describe, stringList } from '../shape.ts'
import { isObject } from '../../json.ts'

/**
 * Collects `runtimeConfig.ips|mac`, `args.cni.ips|mac` and `IP=`/`MAC=` of CNI_ARGS. CNI_ARGS is ignored if
 * `args.cni` gives the same value (CONVENTIONS). Duplicate addresses count once, because podman sends one
 * address twice on `network reload`.
 * @throws CniError InvalidConfig or InvalidEnvironment naming the key and value
 */
export function parseRequest(conf: NetConf, environment: CniEnvironment): AttachmentRequest {
  const cniArgs = environment.args
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
    // A prefix length may follow ("ip[/prefix]", CONVENTIONS, "ips"). It is ignored, because the
    // certificate's subnet decides.
    const ip = parseIp(text.replace(/\/\d{1,3}$/, ''))
    if (ip === undefined) throw configError(path, `${describe(text)} is not an IP address`)
    ips.set(formatIp(ip), ip)
  }
  const list = [...ips.values()]
  if (new Set(list.map((ip) => ip.family)).size !== list.length) {
    throw configError('ips', `one address per family can be requested, got ${[...ips.keys()].join(', ')}`)
  }
  const capability = (key: string): [unknown, string] => [
    anyCase(conf.runtimeConfig, key) ?? undefined,
    `runtimeConfig.${key}`,
  ]
  const [bandwidth, at] = capability('bandwidth')
  return {
    ...placeOf(conf, environment),
    replaces: false,
    ips: list,
    mac: parseMac(conf, cniArgs),
    ports: parsePortMappings(...capability('portMappings')),
    ranges: parseIpRanges(...capability('ipRanges')),
    bandwidth: bandwidth === undefined ? undefined : parseBandwidth(bandwidth, at),
    aliases: parseAliases(...capability('aliases'), conf.name),
    // podman 4 does, and others take no resolvers from the network.
    prefersUserDns: true,
    // The Kubernetes interface passes the pod's name here, and podman 4 the container's.
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
  return parseMacText(value, path)
}

// CONVENTIONS defines a list; podman sends an object of lists by network name.
function parseAliases(value: unknown, path: string, network: string): readonly string[] {
  return isObject(value) ? stringList(value[network], `${path}.${network}`) : stringList(value, path)
}
