// Finds the process that holds a port of this network namespace (proc_pid_net(5),
// /proc/net/udp and /proc/net/tcp).

import { readFileSync } from 'node:fs'
import { formatIp, ipFromBytes } from '../addr/ip.ts'
import { openFiles, processIds, programNameOf } from './processes.ts'

/** A port on an address. */
interface PortAddress {
  readonly protocol: 'udp' | 'tcp'
  /** An address in canonical form. */
  readonly address: string
  readonly port: number
}

/** A process, with the name of its executable. */
interface PortHolder {
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
  const pid = processIds().find((each) => openFiles(each).some((file) => links.has(file)))
  return pid === undefined ? undefined : { pid: Number(pid), name: programNameOf(pid) }
}
