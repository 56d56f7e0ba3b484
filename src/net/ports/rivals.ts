// Published ports beside the host's own listeners: whether both want the same packets.

import { type Family, formatIp } from '../../addr/ip.ts'
import { isWildcard, type Listener } from '../../ip/proc-sockets.ts'
import { isFor, isForAnyAddress, type PortMapping } from './mapping.ts'

/**
 * Returns whether a port and a listener could not both be bound. The rule is that of bind(2): a wildcard
 * conflicts with every address of its family, two specific addresses only if they are equal. SO_REUSEPORT
 * would change that only if both sides set it, and publishing a port binds nothing.
 * @param families the families in which the port is published
 */
export function areRivals(mapping: PortMapping, families: readonly Family[], listener: Listener): boolean {
  const { protocol, port, address } = listener
  if (mapping.protocol !== protocol || mapping.hostPort !== port) return false
  const meets = (family: Family): boolean =>
    (address.family === family || isDualStack(listener)) &&
    (isWildcard(listener) || isForAnyAddress(mapping) || formatIp(address) === mapping.hostIp)
  return families.some((family) => isFor(mapping, family) && meets(family))
}

/** Returns whether a listener covers both families (ipv6(7), IPV6_V6ONLY). */
export function isDualStack(listener: Listener): boolean {
  return listener.address.family === 6 && isWildcard(listener) && listener.inet6Only !== true
}

/** Describes where a listener is open: "0.0.0.0:80", "[::1]:80". */
export function describeListener({ address, port }: Listener): string {
  const text = formatIp(address)
  return `${address.family === 6 ? `[${text}]` : text}:${String(port)}`
}
