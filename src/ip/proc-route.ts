// The kernel's routing tables as /proc shows them (proc(5), /proc/net/route and /proc/net/ipv6_route). Reading them
// costs no process, so every ADD can afford to look; they lack the route's protocol, so what differs is settled by `ip`.

import type { Family, Ip } from '../addr/ip.ts'
import type { Prefix } from '../addr/prefix.ts'
import type { Route } from './route.ts'

/** One line of either file. `dev` is "*" (IPv4) or "lo" (IPv6) for unreachable routes. */
export interface ProcRoute {
  readonly dev: string
  readonly dst: Prefix
  /** The next hop; undefined where the destination is on the link. */
  readonly via: Ip | undefined
  readonly metric: number
  readonly reject: boolean
}

// RTF_REJECT of linux/route.h: unreachable, prohibit and blackhole routes.
const RTF_REJECT = 0x200

/**
 * The lines of either file that say where the host itself stands: default routes, and those without a next hop. Routes
 * to peers, by the thousand perhaps, are left out before any number is made of them.
 */
export function parseProcHeads(text: string, family: Family): readonly ProcRoute[] {
  const isHead = family === 4 ? isHead4 : isHead6
  return rows(text, family, isHead).map((row) => {
    const [dev, dst, length, via, metric, flags] = family === 4 ? fields4(row) : fields6(row)
    return {
      dev,
      dst: { family, value: dst, length },
      via: via === 0n ? undefined : { family, value: via },
      metric,
      reject: (flags & RTF_REJECT) !== 0,
    }
  })
}

/**
 * The lines of either file cut down to what identifies a route, for {@link procKey}. Text only: with thousands of
 * routes, numbers would cost more than the rest of an ADD.
 */
export function procKeys(text: string, family: Family): ReadonlySet<string> {
  return new Set(
    rows(text, family).map((row) =>
      family === 4
        ? [row[0], row[1], row[2], row[6], row[7]].join(' ')
        : [row[9], row[0], row[1], row[4], row[5]].join(' '),
    ),
  )
}

/** What {@link procKeys} holds for this route when the kernel has it. */
export function procKey(route: Route): string {
  const { dst, via } = route
  if (dst.family === 4) {
    const mask = dst.length === 0 ? 0n : (0xffffffffn << BigInt(32 - dst.length)) & 0xffffffffn
    const dev = route.kind === 'unreachable' ? '*' : (route.dev ?? '')
    return [dev, hex4(dst.value), hex4(via?.value ?? 0n), route.metric, hex4(mask)].join(' ')
  }
  const dev = route.kind === 'unreachable' ? 'lo' : (route.dev ?? '')
  const length = dst.length.toString(16).padStart(2, '0')
  return [
    dev,
    hex6(dst.value),
    length,
    hex6(via?.value ?? 0n),
    route.metric.toString(16).padStart(8, '0'),
  ].join(' ')
}

/**
 * Number of networks that a link is connected to, link-local and multicast ones left out. Text only, for DEL, which has
 * no use for the routes themselves.
 */
export function countNetworks(text: string, family: Family, dev: string): number {
  return text.split('\n').filter((line) => {
    if (family === 4) return line.startsWith(`${dev}\t`) && isHead4(line)
    // fe80::/10 and ff00::/8; 80 is the length of a single address.
    const isLocal = /^(fe[89ab]|ff)/.test(line) || line.startsWith('80', 33)
    return line.endsWith(` ${dev}`) && isHead6(line) && !isLocal
  }).length
}

function rows(text: string, family: Family, wanted: (line: string) => boolean = () => true): string[][] {
  const lines = text.split('\n')
  // /proc/net/route has a heading and tabs, /proc/net/ipv6_route neither.
  const body = family === 4 ? lines.slice(1) : lines
  return body
    .filter((line) => line !== '' && wanted(line))
    .map((line) => line.split(family === 4 ? '\t' : / +/))
}

// Interface, tab, destination, tab, gateway: no next hop, or the destination 0.0.0.0.
function isHead4(line: string): boolean {
  const at = line.indexOf('\t') + 1
  return line.startsWith('00000000', at + 9) || line.startsWith('00000000', at)
}

// Columns of fixed width: destination 0-31, its length 33-34, next hop 72-103.
function isHead6(line: string): boolean {
  return line.startsWith('0'.repeat(32), 72) || line.startsWith('00', 33)
}

type Fields = readonly [dev: string, dst: bigint, length: number, via: bigint, metric: number, flags: number]

function fields4(row: readonly string[]): Fields {
  const mask = number4(row[7])
  const length = mask.toString(2).replaceAll('0', '').length
  return [
    row[0] ?? '',
    number4(row[1]),
    length,
    number4(row[2]),
    Number(row[6]),
    Number.parseInt(row[3] ?? '', 16),
  ]
}

function fields6(row: readonly string[]): Fields {
  const length = Number.parseInt(row[1] ?? '', 16)
  const metric = Number.parseInt(row[5] ?? '', 16)
  const flags = Number.parseInt(row[8] ?? '', 16)
  return [row[9] ?? '', BigInt(`0x${row[0] ?? '0'}`), length, BigInt(`0x${row[4] ?? '0'}`), metric, flags]
}

// /proc/net/route prints each __be32 as a number of the machine's own byte order: swapped on x86-64 and arm64.
function number4(text: string | undefined): bigint {
  return BigInt(`0x${(text ?? '').match(/../g)?.toReversed().join('') ?? '0'}`)
}

function hex4(value: bigint): string {
  const digits = value.toString(16).toUpperCase().padStart(8, '0')
  return digits.slice(6) + digits.slice(4, 6) + digits.slice(2, 4) + digits.slice(0, 2)
}

function hex6(value: bigint): string {
  return value.toString(16).padStart(32, '0')
}
