// One IP address as a number with its family. The only module that knows the package ip-address.

import { Address4, Address6 } from 'ip-address'

/** IP version. */
export type Family = 4 | 6

/** One address; `value` is the unsigned number of its 32 or 128 bits. */
export interface Ip {
  readonly family: Family
  readonly value: bigint
}

/** Bits in an address of this family: 32 or 128. */
export function bitsOf(family: Family): number {
  return family === 4 ? 32 : 128
}

// Dotted decimal without leading zeros: inet_aton(3) would read 010 as octal, so such text is refused.
const IPV4 = /^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/

/** Reads one address without prefix length, zone or brackets; undefined when the text is not exactly that. */
export function parseIp(text: string): Ip | undefined {
  if (IPV4.test(text)) {
    return Address4.isValid(text) ? { family: 4, value: new Address4(text).bigInt() } : undefined
  }
  if (!/^[0-9a-fA-F:.]{2,45}$/.test(text) || !Address6.isValid(text)) return undefined
  return { family: 6, value: new Address6(text).bigInt() }
}

/** Canonical text: dotted decimal, or RFC 5952 for IPv6. */
export function formatIp(ip: Ip): string {
  return ip.family === 4
    ? Address4.fromBigInt(ip.value).correctForm()
    : Address6.fromBigInt(ip.value).correctForm()
}

/** An address from 4 or 16 bytes in network order. Throws a TypeError for any other length. */
export function ipFromBytes(bytes: Uint8Array): Ip {
  if (bytes.length !== 4 && bytes.length !== 16) {
    throw new TypeError(`an IP address has 4 or 16 bytes, not ${String(bytes.length)}`)
  }
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return { family: bytes.length === 4 ? 4 : 6, value }
}
