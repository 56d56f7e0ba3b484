// Published ports as netavark passes them. One entry covers `range` ports, counted from host_port
// and container_port.

import { parseHostIp, parsePort, type ListedMapping, uniqueMappings } from '../config/port-mappings.ts'
import { configError, describe, optionalInteger } from '../config/shape.ts'
import { isObject, type JsonObject } from '../json.ts'
import { PORT_PROTOCOLS, type PortMapping, type PortProtocol } from '../net/ports/mapping.ts'

/** Parses the list. Empty if absent or null. @throws CniError InvalidConfig that names entry and value */
export function parsePorts(value: unknown): readonly PortMapping[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw configError('port_mappings', `needs a list, got ${describe(value)}`)
  return uniqueMappings(
    value.flatMap((item: unknown, index) => {
      const path = `port_mappings[${String(index)}]`
      if (!isObject(item)) throw configError(path, `needs an object, got ${describe(item)}`)
      return expand(item, path)
    }),
  )
}

function expand(entry: JsonObject, path: string): readonly ListedMapping[] {
  const hostPort = parsePort(entry['host_port'], `${path}.host_port`)
  const containerPort = parsePort(entry['container_port'], `${path}.container_port`)
  const hostIp = parseHostIp(entry['host_ip'], `${path}.host_ip`)
  // 0 also means one port (go.podman.io/common, libnetwork/types, PortMapping).
  const count = Math.max(1, optionalInteger(entry['range'], `${path}.range`, 0, 65535) ?? 1)
  if (Math.max(hostPort, containerPort) + count - 1 > 65535)
    throw configError(`${path}.range`, `${String(count)} ports from there go beyond 65535`)
  return parseProtocols(entry['protocol'], `${path}.protocol`).flatMap((protocol) =>
    Array.from({ length: count }, (_, offset) => ({
      mapping: {
        protocol,
        hostPort: hostPort + offset,
        containerPort: containerPort + offset,
        ...(hostIp === undefined ? {} : { hostIp }),
      },
      path,
    })),
  )
}

// Handles "tcp,udp" in one entry (netavark, internal/port_mappings).
function parseProtocols(value: unknown, path: string): readonly PortProtocol[] {
  if (value === undefined || value === null || value === '') return ['tcp']
  const words = typeof value === 'string' ? value.toLowerCase().split(',') : []
  const protocols = words.map((word) => PORT_PROTOCOLS.find((name) => name === word.trim()))
  const known = protocols.filter((protocol) => protocol !== undefined)
  if (known.length === 0 || known.length !== words.length)
    throw configError(path, `needs tcp, udp or sctp, got ${describe(value)}`)
  return known
}
