// Replaces addresses by other addresses. Addresses with a common prefix keep one, so that network membership
// stays visible. IPv4 is mapped octet by octet, IPv6 by groups of 16 bits.

import type { Ip } from '../../../addr/ip.ts'

interface Branch {
  readonly seen: Set<number>
  readonly children: Map<number, Branch>
  numbers?: ReadonlyMap<number, number>
}

/**
 * Returns a function that replaces addresses.
 * @param addresses all addresses that it will be called with
 */
export function makeAddressMap(addresses: readonly Ip[]): (ip: Ip) => Ip {
  const roots: Readonly<Record<4 | 6, Branch>> = { 4: branch(), 6: branch() }
  for (const ip of addresses.filter((each) => !isCommon(each))) {
    let at = roots[ip.family]
    for (const part of partsOf(ip)) {
      at.seen.add(part)
      const next = at.children.get(part) ?? branch()
      at.children.set(part, next)
      at = next
    }
  }
  return (ip) => {
    if (isCommon(ip)) return ip
    let at: Branch | undefined = roots[ip.family]
    let value = 0n
    const width = ip.family === 4 ? 8n : 16n
    for (const [level, part] of partsOf(ip).entries()) {
      value = (value << width) | BigInt(at === undefined ? part : numberOf(at, part, ip.family, level))
      at = at?.children.get(part)
    }
    return { family: ip.family, value }
  }
}

// Starts with 10.…, which is private everywhere; loopback and multicast are never used.
const FIRST_OCTETS = [...range(10, 126), ...range(128, 223), ...range(1, 9)]
const LINK_LOCAL = 0xfe80

// Numbers parts in ascending order; 0 and the highest keep their meaning (networks, broadcast, `::`).
function numberOf(at: Branch, part: number, family: 4 | 6, level: number): number {
  const most = family === 4 ? 255 : 65_535
  if (part === 0 || part === most || (family === 6 && level === 0 && part === LINK_LOCAL)) return part
  at.numbers ??= new Map(
    [...at.seen]
      .filter((each) => each !== 0 && each !== most)
      .toSorted((a, b) => a - b)
      .map((each, index) => [each, level > 0 ? index + 1 : firstPart(family, index)]),
  )
  return at.numbers.get(part) ?? part
}

function firstPart(family: 4 | 6, index: number): number {
  return family === 4 ? (FIRST_OCTETS[index] ?? index) : ((0xfd00 - 1 + index) % 65_534) + 1
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}

// Loopback, unspecified, multicast and mask addresses identify no host.
function isCommon({ family, value }: Ip): boolean {
  if (family === 6) return value < 2n || value >> 120n === 0xffn
  const first = Number(value >> 24n)
  return first === 0 || first === 127 || first >= 224
}

function partsOf({ family, value }: Ip): readonly number[] {
  const [count, width] = family === 4 ? [4, 8n] : [8, 16n]
  return Array.from({ length: count }, (_, index) => {
    const shift = width * BigInt(count - 1 - index)
    return Number((value >> shift) & ((1n << width) - 1n))
  })
}

function branch(): Branch {
  return { seen: new Set(), children: new Map() }
}
