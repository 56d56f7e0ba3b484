// The host's resolv.conf (resolv.conf(5)).

import { formatIp, type Ip, parseIp } from '../addr/ip.ts'

/** glibc uses the first three (MAXNS). */
const MOST_SERVERS = 3

/** glibc before 2.26 uses the first six (MAXDNSRCH), musl as many as have room. */
const MOST_DOMAINS = 6

/** Returns the name servers of a resolv.conf, each once. One with a zone (fe80::1%eth0) is left out. */
export function nameserversOf(text: string): readonly Ip[] {
  const found = new Map<string, Ip>()
  for (const line of text.split('\n')) {
    const [, address] = /^\s*nameserver\s+(\S+)/.exec(line) ?? []
    const ip = address === undefined ? undefined : parseIp(address)
    if (ip !== undefined) found.set(formatIp(ip), ip)
  }
  return [...found.values()].slice(0, MOST_SERVERS)
}

/**
 * Returns the first IPv4 name server that packets of containers can be led to: not one on a loopback address,
 * where they could only go if the host let strangers in there (ip-sysctl.rst, route_localnet), and not
 * `except`. Files that come first count first.
 */
export function reachableServer(texts: readonly string[], except: string): Ip | undefined {
  return texts
    .flatMap(nameserversOf)
    .find((ip) => ip.family === 4 && !formatIp(ip).startsWith('127.') && formatIp(ip) !== except)
}

/** Returns the search domains of a resolv.conf, after `first`. The last line counts, as for glibc. */
export function searchAfter(first: string, text: string): readonly string[] {
  const lines = [...text.matchAll(/^\s*(?:search|domain)\s+(.+)$/gm)]
  const words = (lines.at(-1)?.[1] ?? '').split(/\s+/)
  const domains = words.filter((word) => /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?$/.test(word))
  return [...new Set([first, ...domains])].slice(0, MOST_DOMAINS)
}
