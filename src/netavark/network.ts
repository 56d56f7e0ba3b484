// A podman network as netavark passes it, alone in `create`, and with the container in `setup`. Unknown
// keys are ignored, because every version of netavark adds some. Unknown `options` are refused, because
// users write them.

import type { Ip } from '../addr/ip.ts'
import { parseIp } from '../addr/ip.ts'
import { type Prefix, parsePrefix } from '../addr/prefix.ts'
import { type Span, spanOf } from '../addr/span.ts'
import { parseNetworkName } from '../config/cni/netconf.ts'
import { configError, describe, optionalBoolean, optionalObject, optionalString } from '../config/shape.ts'
import { isObject, type JsonObject } from '../json.ts'
import { parseNetworkOptions } from './options.ts'

/** A subnet that the network asks for. */
export interface AskedSubnet {
  /** Host bits may be set, because podman passes `--subnet` as typed. */
  readonly subnet: Prefix
  readonly gateway: Ip | undefined
  /** `--ip-range`. */
  readonly range: Span | undefined
  /** Its place in the input, for messages. */
  readonly path: string
}

/** A network, checked. */
export interface PodmanNetwork {
  readonly name: string
  /** The settings keys that override the host's. */
  readonly own: JsonObject
  readonly subnets: readonly AskedSubnet[]
  readonly wantsIpv6: boolean
}

/**
 * Parses a network.
 * @throws CniError InvalidConfig or UnsupportedField for unavailable features, with an alternative
 */
export function parseNetwork(network: JsonObject): PodmanNetwork {
  const name = parseNetworkName(network['name'])
  refuseUnavailable(network)
  return {
    name,
    own: settingsOf(network),
    subnets: listOf(network['subnets'], 'subnets').map(parseSubnet),
    wantsIpv6: optionalBoolean(network['ipv6_enabled'], 'ipv6_enabled') ?? false,
  }
}

function refuseUnavailable(network: JsonObject): void {
  if (optionalBoolean(network['internal'], 'internal') === true)
    throw configError('internal', 'flatnet has no internal networks; leave out --internal')
  const driver = optionalString(
    optionalObject(network['ipam_options'], 'ipam_options')['driver'],
    'ipam driver',
  )
  if (driver !== undefined && driver !== 'none') {
    throw configError(
      'ipam driver',
      `${describe(driver)} would give addresses that other runtimes give too; ` +
        'flatnet-cni gives them itself: leave out --ipam-driver, or set "ipam_options": {"driver": "none"} ' +
        'in the network file',
    )
  }
  const servers = network['network_dns_servers']
  if (Array.isArray(servers) && servers.length > 0)
    throw configError(
      'network_dns_servers',
      'flatnet runs no resolver; use podman run --dns, leave out --dns here',
    )
}

function settingsOf(network: JsonObject): JsonObject {
  const bridge = optionalString(network['network_interface'], 'network_interface')
  const routes = listOf(network['routes'], 'routes').map(parseRoute)
  return {
    ...parseNetworkOptions(network['options']),
    ...(bridge === undefined ? {} : { bridge }),
    ...(routes.length === 0 ? {} : { routes }),
  }
}

// A route without a next hop is one of podman's newer kinds (unreachable, blackhole).
function parseRoute(value: unknown, index: number): JsonObject {
  const path = `routes[${String(index)}]`
  const { destination: dst, gateway: gw, metric } = optionalObject(value, path)
  if (gw === undefined || gw === null)
    throw configError(path, 'needs a gateway: --route NETWORK,GATEWAY[,METRIC]')
  return { dst, gw, ...(typeof metric === 'number' && metric > 0 ? { priority: metric } : {}) }
}

function parseSubnet(value: unknown, index: number): AskedSubnet {
  const path = `subnets[${String(index)}]`
  if (!isObject(value)) throw configError(path, `needs an object, got ${describe(value)}`)
  const text = value['subnet']
  const subnet = typeof text === 'string' ? parsePrefix(text) : undefined
  if (subnet === undefined) throw configError(`${path}.subnet`, `needs a network, got ${describe(text)}`)
  return {
    subnet,
    gateway: parseAddress(value['gateway'], `${path}.gateway`),
    range: parseRange(value['lease_range'], subnet, `${path}.lease_range`),
    path,
  }
}

// Either end may be missing (netavark, LeaseRange).
function parseRange(value: unknown, subnet: Prefix, path: string): Span | undefined {
  const { start_ip, end_ip } = optionalObject(value, path)
  const start = parseAddress(start_ip, `${path}.start_ip`)
  const end = parseAddress(end_ip, `${path}.end_ip`)
  if (start === undefined && end === undefined) return undefined
  const whole = spanOf(subnet)
  const range = { first: start ?? whole.first, last: end ?? whole.last }
  const isOfSubnet = [range.first, range.last].every(({ family }) => family === subnet.family)
  if (!isOfSubnet) throw configError(path, 'has addresses of the other family than the subnet')
  if (range.first.value > range.last.value) throw configError(path, 'ends before it begins')
  return range
}

function parseAddress(value: unknown, path: string): Ip | undefined {
  const text = optionalString(value, path)
  if (text === undefined) return undefined
  const ip = parseIp(text)
  if (ip === undefined) throw configError(path, `${describe(text)} is not an IP address`)
  return ip
}

function listOf(value: unknown, path: string): readonly unknown[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw configError(path, `needs a list, got ${describe(value)}`)
  return value
}
