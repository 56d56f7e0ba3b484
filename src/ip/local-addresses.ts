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
  let address = ''
  for (const line of text.split('\n')) {
    address = /\|-- (\S+)$/.exec(line)?.[1] ?? address
    const length = /^\s+\/(\d+) \S+ LOCAL$/.exec(line)?.[1]
    const ip = length === undefined ? undefined : parseIp(address)
    if (ip !== undefined) found.push({ ...ip, length: Number(length) })
  }
  return outermost(found)
}

/** Reads /proc/net/if_inet6: every IPv6 address of every link, 32 hexadecimal digits first on its line. */
export function parseIfInet6(text: string): readonly Prefix[] {
  const found = text
    .split('\n')
    .filter((line) => /^[0-9a-f]{32} /.test(line))
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
