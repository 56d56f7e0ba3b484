// The input of `setup` and `teardown`: the container, its ports, the network, and the container's options on
// it. Go and Rust write missing values as null.

import { formatIp, type Ip, parseIp } from '../addr/ip.ts'
import { interfaceNameProblem, isContainerId, netnsPathProblem } from '../cni/environment.ts'
import type { AttachmentRequest, AttachmentTarget } from '../config/attachment-request.ts'
import { parseBandwidth } from '../config/container-settings.ts'
import { parseContainerName } from '../config/container-name.ts'
import { parseMacText } from '../config/mac.ts'
import { configError, describe, optionalObject, optionalString, stringList } from '../config/shape.ts'
import { isObject, type JsonObject } from '../json.ts'
import { type AttachmentKey, keyProblem } from '../net/attachment.ts'
import { parseNetwork } from './network.ts'
import { parseContainerOptions } from './options.ts'
import { parsePorts } from './ports.ts'

/**
 * Parses the input of `setup`. Replaces an attachment of the same name in the same namespace: netavark holds
 * podman's lock, and podman has given up the earlier attachment before netavark calls `setup`.
 * @param netns the path that netavark passes as an argument
 * @throws CniError InvalidConfig or UnsupportedField that names key and value
 */
export function parseSetup(input: JsonObject, netns: string): AttachmentRequest {
  const network = parseNetwork(optionalObject(input['network'], 'network'))
  const options = optionalObject(input['network_options'], 'network_options')
  const mac = optionalString(options['static_mac'], 'static_mac')
  const { bandwidth } = parseContainerOptions(options['options'])
  const problem = netnsPathProblem(netns)
  if (problem !== undefined) throw configError('namespace', `${describe(netns)}: ${problem}`)
  return {
    key: {
      network: network.name,
      containerID: parseId(input['container_id']),
      ifname: parseIfname(options['interface_name']),
    },
    own: network.own,
    netns: { path: netns, source: 'namespace', allowOwn: false },
    replaces: true,
    ips: parseAddresses(options['static_ips']),
    mac: mac === undefined ? undefined : parseMacText(mac, 'MAC address'),
    ports: parsePorts(input['port_mappings']),
    ranges: network.subnets.flatMap(({ range }) => range ?? []),
    bandwidth: bandwidth === undefined ? undefined : parseBandwidth(bandwidth, 'option bandwidth'),
    aliases: stringList(options['aliases'], 'aliases'),
    // podman lets a network's resolvers replace those of `podman run --dns`, which it does not tell us
    // (podman 5.4, Container.addResolvConf).
    prefersUserDns: false,
    containerName: parseContainerName(optionalString(input['container_name'], 'container_name')),
  }
}

/**
 * Reads only the attachment's name and the place of its record from the same input, because `teardown`
 * follows any `setup`. Undefined if no attachment can have that name.
 */
export function readTarget(input: JsonObject): AttachmentTarget | undefined {
  const part = (name: string): JsonObject => (isObject(input[name]) ? input[name] : {})
  const text = (value: unknown): string => (typeof value === 'string' ? value : '')
  const network = part('network')
  const key: AttachmentKey = {
    network: text(network['name']),
    containerID: text(input['container_id']),
    ifname: text(part('network_options')['interface_name']),
  }
  if (keyProblem(key) !== undefined) return undefined
  const options = isObject(network['options']) ? network['options'] : {}
  const stateDir = text(options['stateDir'])
  return { key, own: stateDir.startsWith('/') ? { stateDir } : {} }
}

function parseId(value: unknown): string {
  if (typeof value === 'string' && isContainerId(value)) return value
  throw configError('container_id', `needs letters, digits, "_", "." and "-", got ${describe(value)}`)
}

// podman passes names that the kernel refuses.
function parseIfname(value: unknown): string {
  const name = typeof value === 'string' ? value : ''
  const problem = interfaceNameProblem(name)
  if (problem !== undefined) throw configError('interface_name', `${describe(value)}: ${problem}`)
  return name
}

// `network reload` of a container with --ip sends its address twice.
function parseAddresses(value: unknown): readonly Ip[] {
  const ips = new Map<string, Ip>()
  for (const text of stringList(value, 'static_ips')) {
    const ip = parseIp(text)
    if (ip === undefined) throw configError('requested address', `${describe(text)} is not an IP address`)
    ips.set(formatIp(ip), ip)
  }
  const list = [...ips.values()]
  if (new Set(list.map(({ family }) => family)).size !== list.length) {
    const texts = [...ips.keys()].join(', ')
    throw configError('requested address', `one address per family can be asked for, got ${texts}`)
  }
  return list
}
