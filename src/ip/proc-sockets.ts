// Parses /proc/net/tcp, tcp6, udp and udp6 (proc_pid_net(5)): the sockets that receive what any sender
// sends to a port.

import { type Ip, ipFromBytes } from '../addr/ip.ts'

/** A protocol whose sockets the kernel lists in a file of this format. */
export type SocketProtocol = 'tcp' | 'udp'

/** A socket that is open to any sender. */
export interface Listener {
  readonly protocol: SocketProtocol
  /** Zero stands for every address. An IPv4-mapped address counts as IPv4. */
  readonly address: Ip
  readonly port: number
  /** Identifies the socket among the open files of a process. Decimal text. */
  readonly inode: string
  /** Its `::` does not cover IPv4. /proc does not show this, so it is absent until something else tells. */
  readonly inet6Only?: boolean
}

// net/tcp_states.h. A UDP socket is in state CLOSE until it is connected. A connected one receives
// only from its peer.
const LISTENING: Readonly<Record<SocketProtocol, string>> = { tcp: '0A', udp: '07' }

/** Returns the listeners among the lines of one of the files, headings and incomplete lines ignored. */
export function parseListeners(text: string, protocol: SocketProtocol): readonly Listener[] {
  return rows(text)
    .filter(({ state }) => state === LISTENING[protocol])
    .flatMap(({ local, inode }) => {
      const [hex = '', port = ''] = local.split(':')
      const bytes = Buffer.from(hex, 'hex')
      if (bytes.length !== 4 && bytes.length !== 16) return []
      return [{ protocol, address: addressOf(bytes), port: Number.parseInt(port, 16), inode }]
    })
}

/**
 * Returns whether the last whole line of a file of TCP is past the listeners. The kernel lists them before
 * all other sockets (net/ipv4/tcp_ipv4.c, tcp_get_idx()), which may be many thousands.
 */
export function isPastListeners(text: string): boolean {
  const end = text.lastIndexOf('\n') + 1
  const lastLine = text.slice(text.lastIndexOf('\n', end - 2) + 1, end)
  return rows(lastLine).some(({ state }) => state !== LISTENING.tcp)
}

/** Returns the number of sockets in use, TIME-WAIT left out, from /proc/net/sockstat or sockstat6. */
export function countInUse(text: string, protocol: 'TCP' | 'TCP6'): number | undefined {
  const count = new RegExp(`^${protocol}: inuse (\\d+)`, 'm').exec(text)?.[1]
  return count === undefined ? undefined : Number(count)
}

// "sl local rem st tx:rx tr:when retrnsmt uid timeout inode …". The last line may be cut off.
function rows(text: string): { local: string; state: string; inode: string }[] {
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([slot = '', local, , state, , , , , , inode]) =>
      /^\d+:$/.test(slot) && local !== undefined && state !== undefined && inode !== undefined
        ? [{ local, state, inode }]
        : [],
    )
}

// Each 32 bits are printed as a number of the host's byte order, which is little-endian on x86-64 and arm64.
function addressOf(bytes: Buffer): Ip {
  const ip = ipFromBytes(bytes.swap32())
  // RFC 4291, section 2.5.5.2: ::ffff:0:0/96.
  return ip.family === 6 && ip.value >> 32n === 0xffffn ? { family: 4, value: ip.value & 0xffffffffn } : ip
}

/** Returns whether a listener is open at every address of its family. */
export function isWildcard({ address }: Listener): boolean {
  return address.value === 0n
}
