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
const NONE4 = '00000000'

/**
 * Parses the lines of either file that describe the host's own position: default routes and routes without a
 * next hop. Routes with a next hop, possibly thousands, are skipped before any number is parsed.
 */
export function parseProcHeads(text: string, family: Family): readonly ProcRoute[] {
  const heads = family === 4 ? heads4(text) : rows(text, 6, isHead6).map(fields6)
  return heads.map(([dev, dst, length, via, metric, flags]) => ({
    dev,
    dst: { family, value: dst, length },
    via: via === 0n ? undefined : { family, value: via },
    ...(via === 0n && (flags & RTF_GATEWAY) !== 0 ? { viaInet6: true as const } : {}),
    metric,
    reject: (flags & RTF_REJECT) !== 0,
  }))
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
  return line.startsWith(NONE4, at + 9) || line.startsWith(NONE4, at)
}

// Columns of fixed width: destination 0-31, its length 33-34, next hop 72-103.
function isHead6(line: string): boolean {
  return line.startsWith('0'.repeat(32), 72) || line.startsWith('00', 33)
}

type Fields = readonly [dev: string, dst: bigint, length: number, via: bigint, metric: number, flags: number]

// Direct routes to peers have no next hop either, so a thousand peers make a thousand heads. Each is read in
// place, because splitting them into columns cost an ADD more than anything else it does for peers.
function heads4(text: string): readonly Fields[] {
  const heads: Fields[] = []
  // The first line names the columns.
  let next = text.indexOf('\n') + 1
  while (next > 0 && next < text.length) {
    const from = next
    next = text.indexOf('\n', from) + 1
    const tab = text.indexOf('\t', from)
    const [dst, via] = [tab + 1, tab + 10]
    if (!text.startsWith(NONE4, via) && !text.startsWith(NONE4, dst)) continue
    const uses = text.indexOf('\t', text.indexOf('\t', via + 9) + 1)
    const metric = text.indexOf('\t', uses + 1) + 1
    const mask = text.indexOf('\t', metric) + 1
    heads.push([
      text.slice(from, tab),
      BigInt(number4(text, dst)),
      Math.clz32(~number4(text, mask)),
      BigInt(number4(text, via)),
      Number(text.slice(metric, mask - 1)),
      Number.parseInt(text.slice(via + 9, via + 13), 16),
    ])
  }
  return heads
}

function fields6(row: readonly string[]): Fields {
  const length = Number.parseInt(row[1] ?? '', 16)
  const metric = Number.parseInt(row[5] ?? '', 16)
  const flags = Number.parseInt(row[8] ?? '', 16)
  return [row[9] ?? '', BigInt(`0x${row[0] ?? '0'}`), length, BigInt(`0x${row[4] ?? '0'}`), metric, flags]
}

// /proc/net/route prints each __be32 as a number in the machine's byte order, so it is byte-swapped on x86-64
// and arm64.
function number4(text: string, at: number): number {
  const swapped = Number.parseInt(text.slice(at, at + 8), 16)
  const ends = (swapped << 24) | (swapped >>> 24)
  return (ends | ((swapped & 0xff00) << 8) | ((swapped >>> 8) & 0xff00)) >>> 0
}

function hex4(value: bigint): string {
  const digits = value.toString(16).toUpperCase().padStart(8, '0')
  return digits.slice(6) + digits.slice(4, 6) + digits.slice(2, 4) + digits.slice(0, 2)
}

function hex6(value: bigint): string {
  return value.toString(16).padStart(32, '0')
}
