// Which addresses of a host subnet may be leased. Every host subnet has the same layout, by offset from its
// first address:
//   0  the network (IPv4) or the subnet-router anycast address (IPv6: RFC 4291, section 2.6.1)
//   1  the bridge, the containers' gateway    2, 3  the agent's probes    4..9  only on request by address
//   from 10 (from 4 if the subnet has 32 addresses or fewer)  dynamic    last one: broadcast (IPv4 only)

import { CniCode, CniError } from '../cni/error.ts'
import { type Ip, formatIp } from './ip.ts'
import { addressAt, contains, formatPrefix, networkOf, type Prefix, sizeOf } from './prefix.ts'
import { type Span, spanOf } from './span.ts'

/** A host subnet and its dynamic range, as offsets from its first address: `first` to `last`, inclusive. */
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

// Large subnets keep their low addresses free for fixed addresses that people assign by hand.
const FIRST_LEASE_IN_LARGE = 10
const LARGE = 32n

// A Linux bridge has at most 1023 ports (BR_MAX_PORTS in net/bridge/br_private.h), so one host can never use
// 65,536 offsets at a time. The limit keeps the bitmap of taken offsets within 8 KiB even for an IPv6 /64.
const DYNAMIC_OFFSETS = 65_536n

/**
 * Returns the dynamic range of a host subnet. Host bits in `subnet` are ignored. Throws CniError
 * InvalidConfig if the range is empty (IPv4 longer than /29, IPv6 longer than /125).
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
      `${formatPrefix(network)} has no address left for containers: ` +
        "the bridge and the agent's probes take three; " +
        `sign a certificate whose host subnet is ${longest} or larger`,
    )
  }
  const last = lastUsable < DYNAMIC_OFFSETS ? lastUsable : DYNAMIC_OFFSETS - 1n
  return { subnet: network, first: size > LARGE ? FIRST_LEASE_IN_LARGE : FIRST_LEASE, last: Number(last) }
}

/**
 * Returns the addresses that may be requested by name.
 * @throws CniError InvalidConfig as {@link leaseRange}
 */
export function requestableSpan(subnet: Prefix): Span {
  const { subnet: network } = leaseRange(subnet)
  const { last } = spanOf(network)
  const value = network.family === 4 ? last.value - 1n : last.value
  return { first: addressAt(network, FIRST_LEASE), last: { family: network.family, value } }
}

/** Returns the number of addresses in the dynamic range. */
export function rangeSize(range: LeaseRange): number {
  return range.last - range.first + 1
}

/** Returns the bridge's address in a host subnet, with the subnet's prefix length. */
export function bridgeAddress(subnet: Prefix): Prefix {
  return { ...addressAt(subnet, BRIDGE), length: subnet.length }
}

/** The two addresses in a host subnet that the agent probes from, one per path. */
interface ProbeAddresses {
  readonly p2p: Ip
  readonly gateway: Ip
}

/**
 * Returns the agent's probe addresses in a host subnet. Host bits in `subnet` are ignored. Returns undefined
 * if the subnet is too small to be a host subnet ({@link leaseRange}).
 */
export function probeAddresses(subnet: Prefix): ProbeAddresses | undefined {
  if (sizeOf(subnet) < SMALLEST) return undefined
  return { p2p: addressAt(subnet, P2P_PROBE), gateway: addressAt(subnet, GATEWAY_PROBE) }
}

/** Returns whether an address is one of the agent's probe addresses in a host subnet. */
export function isProbeAddress(subnet: Prefix, ip: Ip): boolean {
  if (!contains(subnet, ip)) return false
  const offset = offsetOf(subnet, ip)
  return offset === BigInt(P2P_PROBE) || offset === BigInt(GATEWAY_PROBE)
}

/**
 * Returns the offset of an address in `subnet`, as a bigint because an IPv6 subnet exceeds the range of a
 * number.
 */
export function offsetOf(subnet: Prefix, ip: Ip): bigint {
  return ip.value - networkOf(subnet).value
}

/**
 * Returns why a requested address cannot be leased from `subnet` ("10.87.1.1 is the bridge of 10.87.1.0/24"),
 * or undefined if it can. Any address without another use may be requested, even outside the dynamic range.
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
