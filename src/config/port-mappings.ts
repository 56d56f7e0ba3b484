// runtimeConfig.portMappings (CONVENTIONS, "portMappings"): what podman writes in lower camel case and go-cni with capital
// letters. Runtimes write a range out, one entry per port.

import { formatIp, parseIp } from '../addr/ip.ts'
import {
  describeHostPort,
  isSameMapping,
  overlap,
  PORT_PROTOCOLS,
  type PortMapping,
  type PortProtocol,
} from '../net/port-mapping.ts'
import { anyCase, configError, describe, isObject, type JsonObject } from './shape.ts'

/**
 * Reads the list; empty when absent or null. An entry that is there twice counts once.
 * @throws CniError InvalidConfig with the path of a wrong value, or naming two entries that want the same host port
 */
export function parsePortMappings(value: unknown, path: string): readonly PortMapping[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw configError(path, `needs a list, got ${describe(value)}`)
  const mappings: PortMapping[] = []
  // By host port: comparing each entry with each other would take seconds for a range of all ports.
  const known = new Map<string, PortMapping[]>()
  for (const [index, item] of value.entries() as Iterable<[number, unknown]>) {
    const at = `${path}[${String(index)}]`
    if (!isObject(item)) throw configError(at, `needs an object, got ${describe(item)}`)
    const mapping = parseEntry(item, at)
    const key = `${mapping.protocol} ${String(mapping.hostPort)}`
    const others = known.get(key) ?? []
    if (others.some((other) => isSameMapping(other, mapping))) continue
    if (others.some((other) => overlap(other, mapping)))
      throw configError(at, `${describeHostPort(mapping)} is in the list before, with another target`)
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

function parsePort(value: unknown, path: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65535) return value
  throw configError(path, `needs a port from 1 to 65535, got ${describe(value)}`)
}

function parseProtocol(value: unknown, path: string): PortProtocol {
  if (value === undefined || value === null || value === '') return 'tcp'
  const known = PORT_PROTOCOLS.find((name) => typeof value === 'string' && value.toLowerCase() === name)
  if (known === undefined) throw configError(path, `needs tcp, udp or sctp, got ${describe(value)}`)
  return known
}

function parseHostIp(value: unknown, path: string): string | undefined {
  if (value === undefined || value === null || value === '') return undefined
  const ip = typeof value === 'string' ? parseIp(value) : undefined
  if (ip === undefined) throw configError(path, `needs an address of this host, got ${describe(value)}`)
  return formatIp(ip)
}
