// An address with a prefix length ("10.86.1.1/16"), and arithmetic on networks.

import { bitsOf, type Family, formatIp, type Ip, parseIp } from './ip.ts'

/**
 * An address and a prefix length in bits (0..32 or 0..128). If it denotes a network, `value` is the first
 * address of it; {@link networkOf} ensures that.
 */
export interface Prefix {
  readonly family: Family
  readonly value: bigint
  readonly length: number
}

/** Parses "ADDRESS/LENGTH" and keeps host bits. Returns undefined for any other text. */
export function parsePrefix(text: string): Prefix | undefined {
  const match = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text)
  const ip = match?.[1] === undefined ? undefined : parseIp(match[1])
  if (ip === undefined) return undefined
  const length = Number(match?.[2])
  return length > bitsOf(ip.family) ? undefined : { ...ip, length }
}

/** Formats as canonical "ADDRESS/LENGTH". */
export function formatPrefix(prefix: Prefix): string {
  return `${formatIp(prefix)}/${String(prefix.length)}`
}

/** Returns the number of addresses in the network, as a bigint (an IPv6 /0 has 2^128). */
export function sizeOf(prefix: Prefix): bigint {
  return 1n << BigInt(bitsOf(prefix.family) - prefix.length)
}

/** Returns the network of an address with prefix length: host bits cleared. */
export function networkOf(prefix: Prefix): Prefix {
  return { ...prefix, value: prefix.value - (prefix.value % sizeOf(prefix)) }
}

/** Returns whether `ip` is in `network`. Host bits of `network` do not matter. */
export function contains(network: Prefix, ip: Ip): boolean {
  if (network.family !== ip.family) return false
  const shift = BigInt(bitsOf(network.family) - network.length)
  return network.value >> shift === ip.value >> shift
}

/** Returns whether every address of `inner` is in `outer`. */
export function covers(outer: Prefix, inner: Prefix): boolean {
  return outer.length <= inner.length && contains(outer, inner)
}

/** Returns whether the two networks share an address. */
export function overlaps(a: Prefix, b: Prefix): boolean {
  return covers(a, b) || covers(b, a)
}

/**
 * Returns the address `offset` places after the first one of the network. Throws a RangeError outside the
 * network.
 */
export function addressAt(network: Prefix, offset: number): Ip {
  const start = networkOf(network)
  if (offset < 0 || BigInt(offset) >= sizeOf(network)) {
    throw new RangeError(`${formatPrefix(network)} has no address number ${String(offset)}`)
  }
  return { family: start.family, value: start.value + BigInt(offset) }
}

/** Returns the network that consists of one address: /32 or /128. */
export function hostPrefix({ family, value }: Ip): Prefix {
  return { family, value, length: bitsOf(family) }
}

/** Splits a network into its two halves, each one bit longer. Returns nothing for a single address. */
export function halvesOf(network: Prefix): readonly Prefix[] {
  const length = network.length + 1
  if (length > bitsOf(network.family)) return []
  const { family, value } = networkOf(network)
  const half = sizeOf(network) / 2n
  return [
    { family, value, length },
    { family, value: value + half, length },
  ]
}

/** Returns the networks of `all` that are not in `some`. */
export function without(all: readonly Prefix[], some: readonly Prefix[]): readonly Prefix[] {
  const texts = new Set(some.map(formatPrefix))
  return all.filter((network) => !texts.has(formatPrefix(network)))
}

/** Returns an address text without its prefix length: "10.87.1.10/24" becomes "10.87.1.10". */
export function bareAddress(text: string): string {
  return text.replace(/\/.*/, '')
}
