// One IP address as a number and a family. Only this module uses the package ip-address, and only for IPv6:
// IPv4 needs a few lines, and the package takes too long to load for an ADD without IPv6 (docs/startup.md).

import { Address6 } from 'ip-address'

/** IP version. */
export type Family = 4 | 6

/** One address. `value` holds its 32 or 128 bits as an unsigned number. */
export interface Ip {
  readonly family: Family
  readonly value: bigint
}

/** Returns the number of bits in an address of this family: 32 or 128. */
export function bitsOf(family: Family): number {
  return family === 4 ? 32 : 128
}

// Dotted decimal without leading zeros. inet_aton(3) would read 010 as octal, so such text is refused.
const IPV4 = /^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/

/** Parses one address without prefix length, zone or brackets. Returns undefined for any other text. */
export function parseIp(text: string): Ip | undefined {
  if (IPV4.test(text)) {
    const octets = text.split('.').map(Number)
    if (octets.some((octet) => octet > 255)) return undefined
    return { family: 4, value: BigInt(octets.reduce((value, octet) => value * 256 + octet, 0)) }
  }
  if (!/^[0-9a-fA-F:.]{2,45}$/.test(text) || !Address6.isValid(text)) return undefined
  return { family: 6, value: new Address6(text).bigInt() }
}

/** Formats an address in its canonical form: dotted decimal, or RFC 5952 for IPv6. */
export function formatIp(ip: Ip): string {
  return ip.family === 4 ? dotted(Number(ip.value)) : Address6.fromBigInt(ip.value).correctForm()
}

// Comparing the routes to a hundred peers formats thousands of addresses.
// Address4 takes twenty times as long.
function dotted(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`
}

/** Returns the address in 4 or 16 bytes in network order. Throws a TypeError for any other length. */
export function ipFromBytes(bytes: Uint8Array): Ip {
  if (bytes.length !== 4 && bytes.length !== 16) {
    throw new TypeError(`an IP address has 4 or 16 bytes, not ${String(bytes.length)}`)
  }
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return { family: bytes.length === 4 ? 4 : 6, value }
}
