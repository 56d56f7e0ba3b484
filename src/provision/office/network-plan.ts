// The network plan of an office: its networks, and how each host's addresses follow from its number.
//
//   number     overlay address (10.86.0.0/16)    host subnet (10.87.0.0/16, /24 each)
//   0          10.86.0.1, 10.86.0.2, …           none: lighthouses
//   1          10.86.1.1                         10.87.1.0/24
//   255        10.86.255.1                       10.87.255.0/24

import { bitsOf, type Family } from '../../addr/ip.ts'
import { formatPrefix, networkOf, overlaps, parsePrefix, type Prefix, sizeOf } from '../../addr/prefix.ts'
import { configError, describe, optionalInteger, refuseUnknownKeys } from '../../config/shape.ts'
import type { JsonObject } from '../../json.ts'
import type { Curve } from '../../nebula/certificate/certificate.ts'

/** 'both': each host has one of either version, with the same key and addresses. */
export type CertificateVersion = 1 | 2 | 'both'

/** The networks of one family. Host bits are cleared. */
export interface FamilyPlan {
  readonly overlay: Prefix
  readonly pool: Prefix
  /** The prefix length of each host's subnet. */
  readonly subnetLength: number
}

/** An office's plan. It is written once, and what was signed by it stays valid. */
export interface NetworkPlan {
  /** The name of the office, which its CA carries. */
  readonly office: string
  /** IPv4, and IPv6 behind it if the office has it. */
  readonly families: readonly FamilyPlan[]
  readonly certificateVersion: CertificateVersion
  readonly curve: Curve
  /** Days that a host's certificate is valid. */
  readonly hostDays: number
}

// Host numbers beyond these would only make the addresses harder to read.
const MOST_NUMBERS = 65_536
// Addresses between two hosts: 10.86.1.1, 10.86.2.1; fd86::1:1, fd86::2:1.
const STRIDE: Readonly<Record<Family, bigint>> = { 4: 256n, 6: 65_536n }
// Room for two lighthouses before the address of host 1.
const LEAST_STRIDE = 4n
// addr/range.ts: shorter subnets have no address left for containers.
const LONGEST_SUBNET: Readonly<Record<Family, number>> = { 4: 29, 6: 125 }

/**
 * Returns the plan when its networks fit together.
 * @param path how errors name the plan
 * @throws CniError InvalidConfig for networks that overlap or are too small
 */
export function checkedPlan(plan: NetworkPlan, path: string): NetworkPlan {
  if (plan.families[0]?.overlay.family !== 4) throw configError(path, 'needs an IPv4 overlay and pool')
  for (const family of plan.families) checkFamily(family, path)
  // A CA of version 1 lists its networks, which cannot be IPv6, and lets hosts have no others.
  if (plan.families.length > 1 && plan.certificateVersion !== 2)
    throw configError(path, 'IPv6 needs certificates of version 2 alone')
  return plan
}

function checkFamily(plan: FamilyPlan, path: string): void {
  const { overlay, pool, subnetLength } = plan
  for (const [name, network] of [
    ['overlay', overlay],
    ['pool', pool],
  ] as const) {
    const whole = networkOf(network)
    if (whole.value !== network.value)
      throw configError(
        `${path}: ${name}`,
        `host bits set in ${formatPrefix(network)}, the network is ${formatPrefix(whole)}`,
      )
  }
  if (overlay.family !== pool.family) throw configError(path, 'overlay and pool need the same family')
  if (overlaps(overlay, pool))
    throw configError(
      `${path}: pool`,
      `${formatPrefix(pool)} and the overlay network ${formatPrefix(overlay)} overlap; Nebula refuses ` +
        'routes inside its own network, so choose a pool outside it',
    )
  const longest = LONGEST_SUBNET[pool.family]
  if (subnetLength <= pool.length || subnetLength > longest)
    throw configError(
      `${path}: host subnet`,
      `/${String(subnetLength)} is not a part of ${formatPrefix(pool)} that fits a host: choose ` +
        `/${String(pool.length + 1)} to /${String(longest)}`,
    )
  if (numbersOf(plan) < 2n || strideOf(plan) < LEAST_STRIDE)
    throw configError(
      `${path}: overlay`,
      `${formatPrefix(overlay)} has too few addresses for the ${String(numbersOf(plan))} host subnets of ` +
        `${formatPrefix(pool)}: choose a larger overlay network or larger host subnets`,
    )
}

function numbersOf({ pool, subnetLength }: FamilyPlan): bigint {
  const bits = subnetLength - pool.length
  return bits >= 16 ? BigInt(MOST_NUMBERS) : 1n << BigInt(bits)
}

function strideOf(plan: FamilyPlan): bigint {
  const most = sizeOf(plan.overlay) / numbersOf(plan)
  const usual = STRIDE[plan.overlay.family]
  return most < usual ? most : usual
}

/** Returns the highest number that a host with containers can have. Such numbers begin at 1. */
export function highestNumber({ families }: NetworkPlan): number {
  return Math.min(...families.map((family) => Number(numbersOf(family)))) - 1
}

/** Returns how many hosts without containers the plan has addresses for. */
export function mostWithoutContainers({ families }: NetworkPlan): number {
  return Math.min(...families.map((family) => Number(strideOf(family)))) - 2
}

/** Returns a host's overlay addresses, with the length of the overlay network, one per family. */
export function overlayAddresses({ families }: NetworkPlan, number: number): readonly Prefix[] {
  return families.map((family) => addressIn(family, BigInt(number) * strideOf(family) + 1n))
}

/** Returns the overlay addresses of a host without containers. @param place 1 for the first such host */
export function placedAddresses({ families }: NetworkPlan, place: number): readonly Prefix[] {
  return families.map((family) => addressIn(family, BigInt(place)))
}

function addressIn({ overlay }: FamilyPlan, offset: bigint): Prefix {
  return { ...overlay, value: overlay.value + offset }
}

/** Returns a host's subnets, one per family. */
export function hostSubnetsOf({ families }: NetworkPlan, number: number): readonly Prefix[] {
  return families.map(({ pool, subnetLength }) => {
    const size = 1n << BigInt(bitsOf(pool.family) - subnetLength)
    return { family: pool.family, value: pool.value + BigInt(number) * size, length: subnetLength }
  })
}

/**
 * Returns the IPv6 part of a plan: a private prefix (RFC 4193, section 3.1) with a subnet for the overlay
 * network and the upper half for containers.
 * @param random 5 bytes, the global ID
 */
export function uniqueLocalPlan(random: Uint8Array): FamilyPlan {
  const id = [...random.subarray(0, 5)].reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  const base = ((0xfdn << 40n) | id) << 80n
  return {
    overlay: { family: 6, value: base, length: 64 },
    pool: { family: 6, value: base + (1n << 79n), length: 49 },
    subnetLength: 64,
  }
}

/** Returns the plan as JSON, as its file holds it. */
export function planJson({ office, families, certificateVersion, curve, hostDays }: NetworkPlan): JsonObject {
  return {
    version: 1,
    office,
    overlay: families.map(({ overlay }) => formatPrefix(overlay)),
    pool: families.map(({ pool }) => formatPrefix(pool)),
    hostSubnet: families.map(({ subnetLength }) => subnetLength),
    certificateVersion,
    curve,
    hostDays,
  }
}

const KEYS = ['version', 'office', 'overlay', 'pool', 'hostSubnet', 'certificateVersion', 'curve', 'hostDays']

/** Reads what {@link planJson} wrote. @throws CniError that names file, key and value */
export function parsePlan(object: JsonObject, source: string): NetworkPlan {
  refuseUnknownKeys(object, KEYS, `${source}: `.trimEnd())
  if (object['version'] !== 1)
    throw configError(
      `${source}: version`,
      `needs 1, got ${describe(object['version'])}; a newer flatnet-cni wrote it, so use that one`,
    )
  const at = (key: string): string => `${source}: ${key}`
  const [overlays, pools] = (['overlay', 'pool'] as const).map((key) => networksOf(object[key], at(key)))
  const lengths = listOf(object['hostSubnet'], at('hostSubnet'))
  if (overlays === undefined || pools === undefined) throw new TypeError('two keys were asked for')
  if (overlays.length === 0 || overlays.length !== pools.length || pools.length !== lengths.length)
    throw configError(source, 'overlay, pool and hostSubnet need one item per family')
  const families = overlays.map((overlay, index): FamilyPlan => {
    const [pool, length] = [pools[index], optionalInteger(lengths[index], at('hostSubnet'), 1, 128)]
    if (pool === undefined || length === undefined) throw configError(at('hostSubnet'), 'needs a length')
    return { overlay, pool, subnetLength: length }
  })
  const plan: NetworkPlan = {
    office: officeName(object['office'], at('office')),
    families,
    certificateVersion: versionOf(object['certificateVersion'], at('certificateVersion')),
    curve: curveOf(object['curve'], at('curve')),
    hostDays: optionalInteger(object['hostDays'], at('hostDays'), 1, 36_500) ?? 730,
  }
  return checkedPlan(plan, source)
}

// The CA carries the name, and messages show it.
const OFFICE = /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$/

/** Returns the name of an office. @throws CniError InvalidConfig for other texts */
export function officeName(value: unknown, path: string): string {
  if (typeof value === 'string' && OFFICE.test(value)) return value
  throw configError(
    path,
    `needs 1 to 64 letters, digits, blanks, dots, dashes and underscores, got ${describe(value)}`,
  )
}

function versionOf(value: unknown, path: string): CertificateVersion {
  if (value === 'both') return value
  return optionalInteger(value, path, 1, 2) === 2 ? 2 : 1
}

function curveOf(value: unknown, path: string): Curve {
  if (value === 'CURVE25519' || value === 'P256') return value
  throw configError(path, `needs CURVE25519 or P256, got ${describe(value)}`)
}

function listOf(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw configError(path, `needs a list, got ${describe(value)}`)
}

function networksOf(value: unknown, path: string): readonly Prefix[] {
  return listOf(value, path).map((item) => {
    const network = typeof item === 'string' ? parsePrefix(item) : undefined
    if (network === undefined)
      throw configError(path, `needs networks like 10.86.0.0/16, got ${describe(item)}`)
    return network
  })
}
