// Which addresses are this host's own, from the tables that the kernel decides it by. `fib daddr type local` of nft would
// ask the same, but WSL2 kernels are built without it.

import { ipFromBytes, parseIp } from '../addr/ip.ts'
import { covers, type Prefix } from '../addr/prefix.ts'

/**
 * Reads /proc/net/fib_trie: the networks of type local of every table, 127.0.0.0/8 among them. The file shows a tree,
 * an address on one line and what it is on the next ones ("/32 host LOCAL").
 */
export function parseFibTrie(text: string): readonly Prefix[] {
  const found: Prefix[] = []
  // One expression over the whole text: a host with a thousand peers has thousands of lines, a handful of them local.
  for (const [, block = ''] of text.matchAll(/\|-- (\S+(?:\n\s+\/.*)*?\n\s+\/\d+ \S+ LOCAL)$/gm)) {
    const ip = parseIp(block.slice(0, block.indexOf('\n')))
    const length = /\/(\d+) \S+ LOCAL$/.exec(block)?.[1]
    if (ip !== undefined && length !== undefined) found.push({ ...ip, length: Number(length) })
  }
  return outermost(found)
}

/**
 * Reads /proc/net/if_inet6: the IPv6 addresses of every link, 32 hexadecimal digits first on its line. Those of a link
 * only (fe80::/10, RFC 4291, section 2.5.6) are passed over: every new veth brings one. So is ::1: what comes from it never
 * leaves the host (section 2.5.3), and a client that is refused there goes on to 127.0.0.1.
 */
export function parseIfInet6(text: string): readonly Prefix[] {
  const found = text
    .split('\n')
    .filter((line) => /^(?!fe[89ab]|0{31}1)[0-9a-f]{32} /.test(line))
    .map((line) => ({ ...ipFromBytes(Buffer.from(line.slice(0, 32), 'hex')), length: 128 }))
  return outermost(found)
}

// An nft set of intervals takes no two that overlap. Sorted, so that the same addresses always make the same text.
function outermost(prefixes: readonly Prefix[]): readonly Prefix[] {
  const sorted = prefixes.toSorted((a, b) =>
    a.value === b.value ? a.length - b.length : a.value < b.value ? -1 : 1,
  )
  const kept: Prefix[] = []
  for (const prefix of sorted) {
    const last = kept.at(-1)
    if (last === undefined || !covers(last, prefix)) kept.push(prefix)
  }
  return kept
}
