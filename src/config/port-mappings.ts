// runtimeConfig.portMappings (CONVENTIONS, "portMappings"): podman writes the keys in lower camel case,
// go-cni capitalised. Runtimes expand a range into one entry per port.

import { formatIp, parseIp } from '../addr/ip.ts'
import {
  describeHostPort,
  isSameMapping,
  overlap,
  PORT_PROTOCOLS,
  type PortMapping,
  type PortProtocol,
} from '../net/ports/mapping.ts'
import { anyCase, configError, describe } from './shape.ts'
import { isObject, type JsonObject } from '../json.ts'

/**
 * Parses the list. Empty when absent or null. Duplicate entries count once.
 * @throws CniError InvalidConfig with the path of an invalid value, or naming two entries that want the same
 * host port
 */
export function parsePortMappings(value: unknown, path: string): readonly PortMapping[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw configError(path, `needs a list, got ${describe(value)}`)
  return uniqueMappings(
    value.map((item: unknown, index) => {
      const at = `${path}[${String(index)}]`
      if (!isObject(item)) throw configError(at, `needs an object, got ${describe(item)}`)
      return { mapping: parseEntry(item, at), path: at }
    }),
  )
}

/** A mapping, and its path in the input. */
export interface ListedMapping {
  readonly mapping: PortMapping
  readonly path: string
}

/**
 * Returns each mapping once.
 * @throws CniError InvalidConfig naming two entries that want the same host port
 */
export function uniqueMappings(list: readonly ListedMapping[]): readonly PortMapping[] {
  const mappings: PortMapping[] = []
  // Keyed by host port. Comparing every pair would take seconds for a range of all ports.
  const known = new Map<string, PortMapping[]>()
  for (const { mapping, path: at } of list) {
    const key = `${mapping.protocol} ${String(mapping.hostPort)}`
    const others = known.get(key) ?? []
    if (others.some((other) => isSameMapping(other, mapping))) continue
    if (others.some((other) => overlap(other, mapping)))
      throw configError(at, `${describeHostPort(mapping)} is listed twice, with different targets`)
    known.set(key, [...others, mapping])
    mappings.push(mapping)
  }
  return mappings
}

function parseEntry(entry: JsonObject, path: string): PortMapping {
  const hostIp = parseHostIp(anyCase(entry, 'hostIP'), `${path}.hostIP`)
  return {
    protocol: parseProtocol(anyCase(entry, 'protocol'), `${path}.protocol`),
    hostPort: parsePort(anyCase(entry, 'hostPort'), `${path}.hostPort`),
    containerPort: parsePort(anyCase(entry, 'containerPort'), `${path}.containerPort`),
    ...(hostIp === undefined ? {} : { hostIp }),
  }
}

/** Parses a port number. @throws CniError InvalidConfig */
export function parsePort(value: unknown, path: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65535) return value
  throw configError(path, `needs a port from 1 to 65535, got ${describe(value)}`)
}

function parseProtocol(value: unknown, path: string): PortProtocol {
  if (value === undefined || value === null || value === '') return 'tcp'
  const known = PORT_PROTOCOLS.find((name) => typeof value === 'string' && value.toLowerCase() === name)
  if (known === undefined) throw configError(path, `needs tcp, udp or sctp, got ${describe(value)}`)
  return known
}

/** Parses an address of the host; undefined when absent or empty. @throws CniError InvalidConfig */
export function parseHostIp(value: unknown, path: string): string | undefined {
  if (value === undefined || value === null || value === '') return undefined
  const ip = typeof value === 'string' ? parseIp(value) : undefined
  if (ip === undefined) throw configError(path, `needs an address of this host, got ${describe(value)}`)
  return formatIp(ip)
}
