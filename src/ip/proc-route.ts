// The kernel's routing tables in /proc (proc(5), /proc/net/route and /proc/net/ipv6_route). Reading them
// needs no process, so every ADD can afford it. They lack the route's protocol, so `ip` settles any
// difference.

import type { Family, Ip } from '../addr/ip.ts'
import type { Prefix } from '../addr/prefix.ts'
import type { Route } from './route.ts'

/** One line of either file. `dev` is "*" (IPv4) or "lo" (IPv6) for unreachable routes. */
export interface ProcRoute {
  readonly dev: string
  readonly dst: Prefix
  /** The next hop; undefined if the destination is on the link. */
  readonly via: Ip | undefined
  /** An IPv4 route via an IPv6 next hop (RFC 8950), which the file does not show. */
  readonly viaInet6?: true
  readonly metric: number
  readonly reject: boolean
}

// RTF_REJECT in linux/route.h: unreachable, prohibit and blackhole routes.
const RTF_REJECT = 0x200
const RTF_GATEWAY = 0x2

/**
 * Parses the lines of either file that describe the host's own position: default routes and routes without a
 * next hop. Routes to peers, possibly thousands, are skipped before any number is parsed.
 */
export function parseProcHeads(text: string, family: Family): readonly ProcRoute[] {
  const isHead = family === 4 ? isHead4 : isHead6
  return rows(text, family, isHead).map((row) => {
    const [dev, dst, length, via, metric, flags] = family === 4 ? fields4(row) : fields6(row)
    return {
      dev,
      dst: { family, value: dst, length },
      via: via === 0n ? undefined : { family, value: via },
      ...(via === 0n && (flags & RTF_GATEWAY) !== 0 ? { viaInet6: true as const } : {}),
      metric,
      reject: (flags & RTF_REJECT) !== 0,
    }
  })
}

/**
 * Reduces the lines of either file to what identifies a route, for {@link procKey}. Works on text only: with
 * thousands of routes, parsing numbers would cost more than the rest of an ADD.
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

/** Returns the text that {@link procKeys} contains for this route if the kernel has it. */
export function procKey(route: Route): string {
  const { dst, via } = route
  if (dst.family === 4) {
    const mask = dst.length === 0 ? 0n : (0xffffffffn << BigInt(32 - dst.length)) & 0xffffffffn
    const dev = route.kind === 'unreachable' ? '*' : (route.dev ?? '')
    return [dev, hex4(dst.value), hex4(via?.family === 4 ? via.value : 0n), route.metric, hex4(mask)].join(
      ' ',
    )
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
 * Counts the networks that a link is connected to, without link-local and multicast ones. Works on text only,
 * because DEL does not need the routes themselves.
 */
export function countNetworks(text: string, family: Family, dev: string): number {
  return text.split('\n').filter((line) => {
    if (family === 4) return line.startsWith(`${dev}\t`) && isHead4(line)
    // Skip fe80::/10 and ff00::/8, and single addresses, whose length is printed as 80 (hex for 128).
    const isLocal = /^(fe[89ab]|ff)/.test(line) || line.startsWith('80', 33)
    return line.endsWith(` ${dev}`) && isHead6(line) && !isLocal
  }).length
}

function rows(text: string, family: Family, wanted: (line: string) => boolean = () => true): string[][] {
  const lines = text.split('\n')
  // /proc/net/route has a header line and tabs, /proc/net/ipv6_route has neither.
  const body = family === 4 ? lines.slice(1) : lines
  return body
    .filter((line) => line !== '' && wanted(line))
    .map((line) => line.split(family === 4 ? '\t' : / +/))
}

// Columns: interface, tab, destination, tab, gateway. A head has no next hop, or the destination 0.0.0.0.
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

// /proc/net/route prints each __be32 as a number in the machine's byte order, so it is byte-swapped on x86-64
// and arm64.
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
