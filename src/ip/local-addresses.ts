// Finds the host's own addresses in the kernel's routing tables. `fib daddr type local` in nft would do the
// same, but WSL2 kernels are built without it.

import { ipFromBytes, parseIp } from '../addr/ip.ts'
import { covers, type Prefix } from '../addr/prefix.ts'

/**
 * Parses /proc/net/fib_trie into the networks of type local in every table, including 127.0.0.0/8. The file
 * shows a tree: an address on one line and its entries on the next ones ("/32 host LOCAL").
 */
export function parseFibTrie(text: string): readonly Prefix[] {
  const found: Prefix[] = []
  // Match one expression over the whole text, because a host with a thousand peers has thousands of lines and
  // only a handful are local.
  for (const [, block = ''] of text.matchAll(/\|-- (\S+(?:\n\s+\/.*)*?\n\s+\/\d+ \S+ LOCAL)$/gm)) {
    const ip = parseIp(block.slice(0, block.indexOf('\n')))
    const length = /\/(\d+) \S+ LOCAL$/.exec(block)?.[1]
    if (ip !== undefined && length !== undefined) found.push({ ...ip, length: Number(length) })
  }
  return outermost(found)
}

/**
 * Parses /proc/net/if_inet6 into the IPv6 addresses of every link. Each line starts with 32 hex digits. Skips
 * link-local addresses (fe80::/10, RFC 4291, section 2.5.6), because every new veth adds one. Also skips ::1:
 * its packets never leave the host (section 2.5.3), and a client refused there falls back to 127.0.0.1.
 */
export function parseIfInet6(text: string): readonly Prefix[] {
  const found = text
    .split('\n')
    .filter((line) => /^(?!fe[89ab]|0{31}1)[0-9a-f]{32} /.test(line))
    .map((line) => ({ ...ipFromBytes(Buffer.from(line.slice(0, 32), 'hex')), length: 128 }))
  return outermost(found)
}

/**
 * Returns the prefixes that no other one contains, because an nft interval set refuses overlaps. The result
 * is sorted, so equal inputs produce equal text.
 */
export function outermost(prefixes: readonly Prefix[]): readonly Prefix[] {
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
