// Which addresses of a host subnet may be leased. Every host subnet is cut the same way, counted from its first address:
//   0  the network (IPv4) or the subnet-router anycast address (IPv6: RFC 4291, section 2.6.1)
//   1  the bridge, the containers' gateway    2, 3  the agent's probes    4..9  only when asked for by name
//   from 10 (from 4 where the subnet has 32 addresses or fewer)  dynamic    last one: broadcast (IPv4 only)

import { CniCode, CniError } from '../cni/error.ts'
import { type Ip, formatIp } from './ip.ts'
import { addressAt, contains, formatPrefix, networkOf, type Prefix, sizeOf } from './prefix.ts'

/** A host subnet and the offsets, counted from its first address, that are handed out unasked: first to last, inclusive. */
export interface LeaseRange {
  readonly subnet: Prefix
  readonly first: number
  readonly last: number
}

const BRIDGE = 1
const P2P_PROBE = 2
const GATEWAY_PROBE = 3
const FIRST_LEASE = 4
const SMALLEST = 8n

// Small addresses of a roomy subnet stay free for people who give servers fixed addresses by hand.
const FIRST_LEASE_IN_LARGE = 10
const LARGE = 32n

// A Linux bridge takes 1023 ports (BR_MAX_PORTS in net/bridge/br_private.h), so 65,536 offsets are more than one host can
// use at once, and the bitmap of those taken stays within 8 KiB even for an IPv6 /64.
const DYNAMIC_OFFSETS = 65_536n

/**
 * The dynamic range of a host subnet; host bits in `subnet` are ignored.
 * Throws CniError InvalidConfig where not one address is left (IPv4 longer than /29, IPv6 longer than /125).
 */
export function leaseRange(subnet: Prefix): LeaseRange {
  const network = networkOf(subnet)
  const size = sizeOf(network)
  const lastUsable = size - (network.family === 4 ? 2n : 1n)
  if (lastUsable < BigInt(FIRST_LEASE)) {
    const longest = network.family === 4 ? '/29' : '/125'
    throw new CniError(
      CniCode.InvalidConfig,
      'host subnet too small',
      `${formatPrefix(network)} has no address left for containers: the bridge and the agent's probes take three; ` +
        `sign a certificate whose host subnet is ${longest} or larger`,
    )
  }
  const last = lastUsable < DYNAMIC_OFFSETS ? lastUsable : DYNAMIC_OFFSETS - 1n
  return { subnet: network, first: size > LARGE ? FIRST_LEASE_IN_LARGE : FIRST_LEASE, last: Number(last) }
}

/** Number of addresses in the dynamic range. */
export function rangeSize(range: LeaseRange): number {
  return range.last - range.first + 1
}

/** The address of the bridge in a host subnet, with the subnet's prefix length. */
export function bridgeAddress(subnet: Prefix): Prefix {
  return { ...addressAt(subnet, BRIDGE), length: subnet.length }
}

/** The two addresses of a host subnet that the agent probes from, one for each path. */
export interface ProbeAddresses {
  readonly p2p: Ip
  readonly gateway: Ip
}

/**
 * The addresses of the agent's probes in a host subnet; host bits in `subnet` are ignored. Undefined where the subnet is
 * too small to be any host's ({@link leaseRange}).
 */
export function probeAddresses(subnet: Prefix): ProbeAddresses | undefined {
  if (sizeOf(subnet) < SMALLEST) return undefined
  return { p2p: addressAt(subnet, P2P_PROBE), gateway: addressAt(subnet, GATEWAY_PROBE) }
}

/** Whether an address is one of the agent's probes' in a host subnet. */
export function isProbeAddress(subnet: Prefix, ip: Ip): boolean {
  if (!contains(subnet, ip)) return false
  const offset = offsetOf(subnet, ip)
  return offset === BigInt(P2P_PROBE) || offset === BigInt(GATEWAY_PROBE)
}

/** Offset of an address that lies in `subnet`, as a bigint: an IPv6 subnet has more than a number can count. */
export function offsetOf(subnet: Prefix, ip: Ip): bigint {
  return ip.value - networkOf(subnet).value
}

/**
 * Why an address asked for by name cannot be leased from `subnet` ("10.87.1.1 is the bridge of 10.87.1.0/24"), or
 * undefined when it can. Every address that has no other use may be asked for, also one outside the dynamic range.
 */
export function refusalOf(subnet: Prefix, ip: Ip): string | undefined {
  const where = formatPrefix(networkOf(subnet))
  if (!contains(subnet, ip)) return `${formatIp(ip)} is outside ${where}`
  const offset = offsetOf(subnet, ip)
  const use = useOf(subnet, offset)
  return use === undefined ? undefined : `${formatIp(ip)} is ${use} ${where}`
}

function useOf(subnet: Prefix, offset: bigint): string | undefined {
  if (offset === 0n)
    return subnet.family === 4 ? 'the network address of' : 'the subnet-router anycast address of'
  if (offset === BigInt(BRIDGE)) return 'the bridge of'
  if (offset === BigInt(P2P_PROBE) || offset === BigInt(GATEWAY_PROBE))
    return "reserved for the agent's probes in"
  if (subnet.family === 4 && offset === sizeOf(subnet) - 1n) return 'the broadcast address of'
  return undefined
}
