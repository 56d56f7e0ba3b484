// The sockets of our network namespace that listen, and the processes that hold them (proc(5)).

import { readFileSync } from 'node:fs'
import { type Listener, parseListeners, type SocketProtocol } from '../ip/proc-sockets.ts'
import { readProcNet } from './proc.ts'
import { openFiles, processIds, programNameOf, threadNameOf } from './processes.ts'
import { readTcpListeners } from './tcp-listeners.ts'

/** A process with a socket open. */
export interface SocketHolder {
  readonly pid: number
  /** The executable's file name, unprintable characters replaced. */
  readonly name: string
  readonly args: readonly string[]
}

/** Returns the listeners of these protocols, IPv4 and IPv6. */
export function readListeners(protocols: readonly SocketProtocol[]): readonly Listener[] {
  return protocols.flatMap((protocol) =>
    [4, 6].flatMap((family) => {
      const isIpv6 = family === 6
      const text = protocol === 'tcp' ? readTcpListeners(isIpv6) : readProcNet(isIpv6 ? 'udp6' : 'udp')
      return parseListeners(text, protocol)
    }),
  )
}

/**
 * Returns the process that holds each of these sockets, by inode; of several, the one with the lowest number.
 * Processes that cannot be seen from here are missing. Looks at all open files of many processes, so ask only
 * about sockets that matter.
 * @param likely name of the processes to look at first, which spares the others if these hold all the sockets
 */
export function holdersOf(inodes: ReadonlySet<string>, likely: string): ReadonlyMap<string, SocketHolder> {
  const found = new Map<string, SocketHolder>()
  const pids = processIds()
  const first = new Set(pids.filter((pid) => threadNameOf(pid) === likely))
  for (const pid of [...first, ...pids.filter((each) => !first.has(each))]) {
    if (found.size === inodes.size) return found
    for (const inode of socketsOf(pid)) {
      if (!inodes.has(inode) || found.has(inode)) continue
      const holder = describeProcess(pid)
      if (holder !== undefined) found.set(inode, holder)
    }
  }
  return found
}

function socketsOf(pid: string): ReadonlySet<string> {
  return new Set(openFiles(pid).flatMap((file) => /^socket:\[(\d+)\]$/.exec(file)?.[1] ?? []))
}

function describeProcess(pid: string): SocketHolder | undefined {
  try {
    const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
    return { pid: Number(pid), name: programNameOf(pid), args }
  } catch {
    return undefined
  }
}
