// The host's resolv.conf (resolv.conf(5)).

import { formatIp, type Ip, parseIp } from '../addr/ip.ts'

/** glibc uses the first three (MAXNS). */
const MOST_SERVERS = 3

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
