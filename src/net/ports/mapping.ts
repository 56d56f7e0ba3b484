// A published port: connections to a host port are sent to a container port. Data and predicates only.

import { type Family, parseIp } from '../../addr/ip.ts'

/** Transport protocols that have ports and that the kernel can translate. */
export const PORT_PROTOCOLS = ['tcp', 'udp', 'sctp'] as const

/** One of {@link PORT_PROTOCOLS}. */
export type PortProtocol = (typeof PORT_PROTOCOLS)[number]

/** One host port of one attachment. Ports are 1 to 65535. */
export interface PortMapping {
  readonly protocol: PortProtocol
  readonly hostPort: number
  readonly containerPort: number
  /**
   * Canonical text of the one host address that the mapping covers. "0.0.0.0" and "::" stand for all
   * addresses of one family. Absent: all addresses of both families.
   */
  readonly hostIp?: string
}

const ANY: Readonly<Record<Family, string>> = { 4: '0.0.0.0', 6: '::' }

/** Returns the family that a mapping is limited to, or undefined if it covers both. */
export function familyOf({ hostIp }: PortMapping): Family | undefined {
  return hostIp === undefined ? undefined : parseIp(hostIp)?.family
}

/** Returns whether a mapping covers packets of this family. */
export function isFor(mapping: PortMapping, family: Family): boolean {
  const own = familyOf(mapping)
  return own === undefined || own === family
}

/** Returns whether a mapping covers every address of the host in its family. */
export function isForAnyAddress({ hostIp }: PortMapping): boolean {
  return hostIp === undefined || hostIp === ANY[4] || hostIp === ANY[6]
}

/** Returns whether a mapping covers 127.0.0.0/8 (RFC 1122, section 3.2.1.3). */
export function reachesLoopback(mapping: PortMapping): boolean {
  return isFor(mapping, 4) && (isForAnyAddress(mapping) || (mapping.hostIp?.startsWith('127.') ?? false))
}

/** Returns whether a packet could match both mappings. */
export function overlap(a: PortMapping, b: PortMapping): boolean {
  if (a.protocol !== b.protocol || a.hostPort !== b.hostPort) return false
  if (a.hostIp === undefined || b.hostIp === undefined || a.hostIp === b.hostIp) return true
  return familyOf(a) === familyOf(b) && (isForAnyAddress(a) || isForAnyAddress(b))
}

/** Returns a test of whether a mapping overlaps one of these. It is quick with thousands of them. */
export function makeOverlapTest(ports: readonly PortMapping[]): (mapping: PortMapping) => boolean {
  const byPort = new Map<number, PortMapping[]>()
  for (const port of ports) {
    const others = byPort.get(port.hostPort)
    if (others === undefined) byPort.set(port.hostPort, [port])
    else others.push(port)
  }
  return (mapping) => byPort.get(mapping.hostPort)?.some((port) => overlap(port, mapping)) ?? false
}

/** Returns whether both mappings are equal. */
export function isSameMapping(a: PortMapping, b: PortMapping): boolean {
  return (
    a.protocol === b.protocol &&
    a.hostPort === b.hostPort &&
    a.containerPort === b.containerPort &&
    a.hostIp === b.hostIp
  )
}

/**
 * Returns whether a value is a connection tracking zone other than the default zone 0. Zones have 16 bits.
 */
export function isZone(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65535
}

/** Returns the next zone, wrapping around. */
export function zoneAfter(zone: number): number {
  return zone >= 65535 ? 1 : zone + 1
}

/** Describes the host side for messages: "tcp 8080", "udp 127.0.0.1:53", "tcp [::1]:80". */
export function describeHostPort({ protocol, hostIp, hostPort }: PortMapping): string {
  const port = String(hostPort)
  if (hostIp === undefined) return `${protocol} ${port}`
  return `${protocol} ${hostIp.includes(':') ? `[${hostIp}]` : hostIp}:${port}`
}
