// The nft rules of a drill: they show where the kernel sends a peer's Nebula packets, and drop those packets
// for a while.
//
// Families ip and ip6 only (nft-table.ts). Blocked addresses are set elements with a timeout, so the kernel
// itself restores the path even if the blocking process dies.

import type { Family } from '../addr/ip.ts'
import { formatIp, parseIp } from '../addr/ip.ts'
import { familyName } from './nft-table.ts'

/** Where a peer's packets go beneath the overlay: canonical address and UDP port. */
export interface Underlay {
  readonly family: Family
  readonly address: string
  readonly port: number
}

/** What was seen for one probe size. */
interface Sighting {
  readonly direct: readonly Underlay[]
  readonly relayed: readonly Underlay[]
}

/** The conclusion from the sightings. `several`: other traffic has the same sizes. */
export type Conclusion =
  | { readonly kind: 'direct'; readonly underlay: Underlay }
  | { readonly kind: 'relayed'; readonly underlay: Underlay }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'several'; readonly underlays: readonly Underlay[] }

const FAMILIES: readonly Family[] = [4, 6]
const BLOCK = 'flatnet_drill'
const SEEN = 'flatnet_drill_seen'

// Before connection tracking (-200), so that a dropped packet costs nothing further.
const PRIORITY = -310

// Nebula's header and tag of 16 bytes each, UDP's 8 and IP's 20 or 40. A relay adds another header and tag.
const OVERHEAD: Readonly<Record<Family, number>> = { 4: 60, 6: 80 }
const RELAY = 32

/**
 * Picks sizes of inner IP packets, in bytes, that distinguish a probe from other traffic. They are far enough
 * apart that no size with one overhead equals another size with another overhead, and small enough for every
 * tunnel.
 * @param random from 0 up to 1
 */
export function markedSizes(random: number): readonly number[] {
  const first = 601 + Math.floor(random * 180)
  return [first, first + 187, first + 359]
}

/** Renders rules that watch for packets with these inner sizes. */
export function seenRules(sizes: readonly number[]): string {
  const lines = FAMILIES.flatMap((family) => {
    const table = `${familyName(family)} ${SEEN}`
    const watch = sizes.flatMap((size, index) =>
      (['direct', 'relayed'] as const).flatMap((how) => {
        const set = `${how}${String(index)}`
        const bytes = size + OVERHEAD[family] + (how === 'relayed' ? RELAY : 0)
        return [
          `add set ${table} ${set} { type ${addressType(family)} . inet_service; size 256; ` +
            'flags dynamic,timeout; timeout 30s; }',
          `add rule ${table} out meta l4proto udp meta length ${String(bytes)} add @${set} { ` +
            `${familyName(family)} daddr . udp dport }`,
        ]
      }),
    )
    return [
      `add table ${table}`,
      `delete table ${table}`,
      `add table ${table}`,
      `add chain ${table} out { type filter hook output priority ${String(PRIORITY)}; policy accept; }`,
      ...watch,
    ]
  })
  return text(lines)
}

/**
 * Renders the command that lists what was seen in one family. nft 1.0.6 can list only one table with its
 * contents per process.
 */
export function seenQuestion(family: Family): string {
  return text([`list table ${familyName(family)} ${SEEN}`])
}

/** Parses the answers to {@link seenQuestion}, one sighting per size. */
export function parseSeen(listing: string, sizes: readonly number[]): readonly Sighting[] {
  const found = (name: string): readonly Underlay[] =>
    [...listing.matchAll(new RegExp(`set ${name} \\{[^}]*?elements = \\{([^}]*)\\}`, 'g'))].flatMap((match) =>
      parseElements(match[1] ?? ''),
    )
  return sizes.map((_, index) => ({
    direct: found(`direct${String(index)}`),
    relayed: found(`relayed${String(index)}`),
  }))
}

/** Concludes from the sightings: the peer is the address that was seen with every size. */
export function conclude(sightings: readonly Sighting[]): Conclusion {
  const inAll = (how: keyof Sighting): readonly Underlay[] =>
    (sightings[0]?.[how] ?? []).filter((one) =>
      sightings.every((sighting) => sighting[how].some((other) => isSame(one, other))),
    )
  const [direct, relayed] = [inAll('direct'), inAll('relayed')]
  const [only] = [...direct, ...relayed]
  if (only === undefined) return { kind: 'nothing' }
  if (direct.length + relayed.length > 1) return { kind: 'several', underlays: [...direct, ...relayed] }
  return { kind: direct.length === 1 ? 'direct' : 'relayed', underlay: only }
}

/** Renders rules that drop everything to and from the address and port for `ms` milliseconds. */
export function blockRules({ family, address, port }: Underlay, ms: number): string {
  const table = `${familyName(family)} ${BLOCK}`
  const hook = (name: string) => `{ type filter hook ${name} priority ${String(PRIORITY)}; policy accept; }`
  const match = (side: string, end: string) => `${familyName(family)} ${side} . udp ${end} @blocked drop`
  return text([
    `add table ${table}`,
    `add set ${table} blocked { type ${addressType(family)} . inet_service; flags timeout; }`,
    `add chain ${table} out ${hook('output')}`,
    `add chain ${table} in ${hook('input')}`,
    `flush chain ${table} out`,
    `flush chain ${table} in`,
    `add rule ${table} out ${match('daddr', 'dport')}`,
    `add rule ${table} in ${match('saddr', 'sport')}`,
    `add element ${table} blocked { ${address} . ${String(port)} timeout ${String(ms)}ms }`,
  ])
}

/** Renders the command that restores the path early. */
export function unblockRules({ family, address, port }: Underlay): string {
  return text([`delete element ${familyName(family)} ${BLOCK} blocked { ${address} . ${String(port)} }`])
}

/** Renders the command that lists what is blocked in one family. */
export function blockedQuestion(family: Family): string {
  return text([`list set ${familyName(family)} ${BLOCK} blocked`])
}

/** Parses the answer to {@link blockedQuestion}. */
export function parseBlocked(listing: string): readonly Underlay[] {
  return parseElements(/elements = \{([^}]*)\}/.exec(listing)?.[1] ?? '')
}

/** Removes the watching rules in both families; succeeds if there are none. */
export function removeSeen(): string {
  return text(FAMILIES.flatMap((family) => remove(`${familyName(family)} ${SEEN}`)))
}

/** Removes the blocking rules and their blocks; succeeds if there are none. */
export function removeBlock(family: Family): string {
  return text(remove(`${familyName(family)} ${BLOCK}`))
}

// nft 1.0.6 has no "destroy". Adding an existing table changes nothing, so add it first and then delete it.
function remove(table: string): string[] {
  return [`add table ${table}`, `delete table ${table}`]
}

function addressType(family: Family): string {
  return family === 4 ? 'ipv4_addr' : 'ipv6_addr'
}

function parseElements(list: string): readonly Underlay[] {
  return [...list.matchAll(/([0-9a-fA-F:.]+) \. (\d+)/g)].flatMap(([, address = '', port]) => {
    const ip = parseIp(address)
    return ip === undefined ? [] : [{ family: ip.family, address: formatIp(ip), port: Number(port) }]
  })
}

function isSame(a: Underlay, b: Underlay): boolean {
  return a.address === b.address && a.port === b.port
}

function text(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`
}
