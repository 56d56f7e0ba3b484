// Finds the process that holds a port of this network namespace (proc_pid_net(5),
// /proc/net/udp and /proc/net/tcp).

import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { formatIp, ipFromBytes } from '../addr/ip.ts'

/** A port on an address. */
export interface PortAddress {
  readonly protocol: 'udp' | 'tcp'
  /** An address in canonical form. */
  readonly address: string
  readonly port: number
}

/** A process, with the name of its executable. */
export interface PortHolder {
  readonly pid: number
  readonly name: string
}

/**
 * Returns the process whose socket keeps others from the port: one on the same address, or on all of them.
 * Undefined if the port is free, or no process that can be seen holds it.
 */
export function portHolder(wanted: PortAddress): PortHolder | undefined {
  const inodes = new Set(
    socketsOf(wanted.protocol)
      .filter((socket) => socket.port === wanted.port && isInTheWay(socket.address, wanted.address))
      .map(({ inode }) => `socket:[${inode}]`),
  )
  return inodes.size === 0 ? undefined : ownerOf(inodes)
}

interface BoundSocket {
  readonly address: string
  readonly port: number
  readonly inode: string
}

// include/net/tcp_states.h: the only state in which a TCP socket keeps others from its port.
const LISTEN = '0A'

function socketsOf(protocol: 'udp' | 'tcp'): readonly BoundSocket[] {
  return [protocol, `${protocol}6`].flatMap((name) =>
    readTable(name).flatMap((line) => {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/)
      const [hex = '', port = ''] = local.split(':')
      if (protocol === 'tcp' && state !== LISTEN) return []
      return [{ address: addressOf(hex), port: Number.parseInt(port, 16), inode }]
    }),
  )
}

function readTable(name: string): readonly string[] {
  try {
    return readFileSync(`/proc/self/net/${name}`, 'utf8').split('\n').slice(1, -1)
  } catch {
    return [] // The kernel has no IPv6.
  }
}

// Words of four bytes, each in the byte order of the machine. Node runs on little-endian ones.
function addressOf(hex: string): string {
  return formatIp(ipFromBytes(Buffer.from(hex, 'hex').swap32()))
}

// A socket on :: receives IPv4 as well, unless it is told not to, which this table does not show.
function isInTheWay(held: string, wanted: string): boolean {
  return held === wanted || held === '::' || (held === '0.0.0.0' && !wanted.includes(':'))
}

function ownerOf(links: ReadonlySet<string>): PortHolder | undefined {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const files = readdirSync(`/proc/${pid}/fd`)
      if (files.some((file) => links.has(linkOf(`/proc/${pid}/fd/${file}`)))) {
        return { pid: Number(pid), name: nameOf(pid) }
      }
    } catch {
      continue // It has ended, or belongs to another user.
    }
  }
  return undefined
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return '' // Closed in the meantime.
  }
}

// Its executable's name, because threads rename their process (Node's is called MainThread). Files may have
// any name, control characters included.
function nameOf(pid: string): string {
  const name = basename(linkOf(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, ''))
  return (name === '' ? readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd() : name).replaceAll(
    /[^\x21-\x7e]/g,
    '?',
  )
}
