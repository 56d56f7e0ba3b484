// A published port: what reaches a port of the host goes to a port of the container. Data and questions only.

import { type Family, parseIp } from '../addr/ip.ts'

/** Transport protocols that have ports and that the kernel translates. */
export const PORT_PROTOCOLS = ['tcp', 'udp', 'sctp'] as const

/** One of {@link PORT_PROTOCOLS}. */
export type PortProtocol = (typeof PORT_PROTOCOLS)[number]

/** One host port of one attachment. Ports are 1 to 65535. */
export interface PortMapping {
  readonly protocol: PortProtocol
  readonly hostPort: number
  readonly containerPort: number
  /**
   * Canonical text of the one host address it holds for; "0.0.0.0" and "::" stand for all of one family. Absent: all
   * addresses of both.
   */
  readonly hostIp?: string
}

const ANY: Readonly<Record<Family, string>> = { 4: '0.0.0.0', 6: '::' }

/** The family that a mapping is limited to, or undefined when it holds for both. */
export function familyOf({ hostIp }: PortMapping): Family | undefined {
  return hostIp === undefined ? undefined : parseIp(hostIp)?.family
}

/** Whether a mapping holds for packets of this family. */
export function isFor(mapping: PortMapping, family: Family): boolean {
  const own = familyOf(mapping)
  return own === undefined || own === family
}

/** Whether a mapping holds for every address that the host has in its family. */
export function isForAnyAddress({ hostIp }: PortMapping): boolean {
  return hostIp === undefined || hostIp === ANY[4] || hostIp === ANY[6]
}

/** Whether 127.0.0.0/8 (RFC 1122, section 3.2.1.3) is among the addresses it holds for. */
export function reachesLoopback(mapping: PortMapping): boolean {
  return isFor(mapping, 4) && (isForAnyAddress(mapping) || (mapping.hostIp?.startsWith('127.') ?? false))
}

/** Whether one packet could be meant by both. */
export function overlap(a: PortMapping, b: PortMapping): boolean {
  if (a.protocol !== b.protocol || a.hostPort !== b.hostPort) return false
  if (a.hostIp === undefined || b.hostIp === undefined || a.hostIp === b.hostIp) return true
  return familyOf(a) === familyOf(b) && (isForAnyAddress(a) || isForAnyAddress(b))
}

/** Whether both say the same. */
export function isSameMapping(a: PortMapping, b: PortMapping): boolean {
  return (
    a.protocol === b.protocol &&
    a.hostPort === b.hostPort &&
    a.containerPort === b.containerPort &&
    a.hostIp === b.hostIp
  )
}

/** How messages name the host's side: "tcp 8080", "udp 127.0.0.1:53", "tcp [::1]:80". */
export function describeHostPort({ protocol, hostIp, hostPort }: PortMapping): string {
  const port = String(hostPort)
  if (hostIp === undefined) return `${protocol} ${port}`
  return `${protocol} ${hostIp.includes(':') ? `[${hostIp}]` : hostIp}:${port}`
}
