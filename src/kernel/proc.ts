// What /proc says about our own process and its network namespace (proc(5)).

import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { CniCode, CniError, errnoCode } from '../cni/error.ts'
import type { Family } from '../addr/ip.ts'

// About three thousand routes. The kernel returns one page per read and searches for its position again each
// time, so beyond this size asking `ip` is cheaper.
const MOST_BYTES = 393_216

/**
 * Returns the routing table of our namespace as text: "" if the kernel lacks that family, undefined if it is
 * longer than 384 KiB.
 */
export function readProcRoutes(family: Family): string | undefined {
  return readProcNetUpTo(family === 4 ? 'route' : 'ipv6_route', MOST_BYTES)
}

/** Returns the table of our namespace's own addresses; "" and undefined as in {@link readProcRoutes}. */
export function readProcLocal(family: Family): string | undefined {
  return readProcNetUpTo(family === 4 ? 'fib_trie' : 'if_inet6', MOST_BYTES)
}

// Decodes all bytes at once: with a thousand peers, adding text page by page takes longer than the kernel
// needs to write it.
function readProcNetUpTo(name: string, most: number): string | undefined {
  return withProcNet(name, (file) => {
    let bytes = Buffer.allocUnsafe(CHUNK_BYTES)
    let length = 0
    while (length <= most) {
      const count = readSync(file, bytes, length, bytes.length - length, null)
      if (count === 0) return bytes.toString('latin1', 0, length)
      length += count
      if (length === bytes.length) bytes = Buffer.concat([bytes], length * 2)
    }
    return undefined
  })
}

/**
 * Reads /proc/self/net/NAME while `isMoreWanted` returns true for the text so far; "" if the kernel has no
 * such file. The kernel generates the text as it is read, so unread parts cost nothing.
 * @param bytesNext the most bytes to read after this text; by default as many as proc returns at a time
 */
export function readProcNetWhile(
  name: string,
  isMoreWanted: (text: string) => boolean,
  bytesNext: (text: string) => number = () => CHUNK_BYTES,
): string {
  return withProcNet(name, (file) => {
    let text = ''
    const bytes = Buffer.allocUnsafe(CHUNK_BYTES)
    for (;;) {
      const count = readSync(file, bytes, 0, bytesNext(text), null)
      text += bytes.toString('latin1', 0, count)
      if (count === 0 || !isMoreWanted(text)) return text
    }
  })
}

function withProcNet<T>(name: string, read: (file: number) => T): T | '' {
  let file: number
  try {
    file = openSync(`/proc/self/net/${name}`, 'r')
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return ''
    throw error
  }
  try {
    return read(file)
  } finally {
    closeSync(file)
  }
}

// proc usually returns one page at a time (seq_file), sometimes more.
const CHUNK_BYTES = 65_536

/** Returns the whole of /proc/self/net/NAME; "" if the kernel has no such file. */
export function readProcNet(name: string): string {
  try {
    return readFileSync(`/proc/self/net/${name}`, 'utf8')
  } catch (error) {
    // EIO: the file was removed while it was open, with the link that it describes (proc_reg_read of the
    // kernel's fs/proc/inode.c).
    const code = errnoCode(error)
    if (code === 'ENOENT' || code === 'EIO') return ''
    throw error
  }
}

/**
 * Refuses to run in a user namespace. Rootless runtimes put a plugin into a private network namespace, where
 * neither the nebula link nor the host's routes exist. @throws CniError InvalidEnvironment
 */
export function refuseRootless(): void {
  // The initial user namespace maps all 2^32 - 1 IDs to themselves (user_namespaces(7)).
  const map = readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/)
  if (process.geteuid?.() === 0 && map[0] === '0' && map[1] === '0' && map[2] === '4294967295') return
  throw new CniError(
    CniCode.InvalidEnvironment,
    'root is needed',
    'flatnet-cni runs as root in the network namespace of the host; ' +
      'rootless podman and nerdctl run it in a private ' +
      'one without the nebula link: start the container as root (sudo podman, sudo nerdctl)',
  )
}

/**
 * Returns the packets that a link of our namespace has received and sent, or undefined if it does not exist.
 */
export function readLinkPackets(dev: string): number | undefined {
  const text = readProcNet('dev')
  // proc_pid_net(5), /proc/net/dev: one line per link, "  name: ", eight receive counters and eight transmit
  // counters.
  const line = text.split('\n').find((each) => each.trimStart().startsWith(`${dev}:`))
  if (line === undefined) return undefined
  const fields = line
    .slice(line.indexOf(':') + 1)
    .trim()
    .split(/\s+/)
  return Number(fields[1]) + Number(fields[9])
}

/** Returns the milliseconds since boot, including suspend (proc_uptime(5)). */
export function readUptimeMs(): number {
  return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000
}

/**
 * Returns the kernel's index of a link with IPv4, or undefined if there is none. A later link with the same
 * name has another index (proc_pid_net(5), /proc/net/igmp: "index device : …").
 */
export function readLinkIndex(dev: string): number | undefined {
  const lines = readProcNet('igmp')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
  const [index] = lines.find(([, name]) => name?.replace(/:$/, '') === dev) ?? []
  return index === undefined ? undefined : Number(index)
}

/**
 * Like {@link readLinkIndex}, but with one short read if the kernel has IPv6 and per-link counters
 * (/proc/net/dev_snmp6/LINK). /proc/net/igmp has several lines for each link that is up, including the
 * containers'.
 */
export function readOwnLinkIndex(dev: string): number | undefined {
  const match = /^ifIndex\s+(\d+)/.exec(readProcNet(`dev_snmp6/${dev}`))
  return match === null ? readLinkIndex(dev) : Number(match[1])
}
