// The sockets of our network namespace that listen, and the processes that hold them (proc(5)).

import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { type Listener, parseListeners, type SocketProtocol } from '../ip/proc-sockets.ts'
import { readProcNet } from './proc.ts'
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
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
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
  const inodes = new Set<string>()
  try {
    for (const fd of readdirSync(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1]
      if (inode !== undefined) inodes.add(inode)
    }
  } catch {
    // The process has ended, or may not be looked into.
  }
  return inodes
}

// "" for a file closed meanwhile.
function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function describeProcess(pid: string): SocketHolder | undefined {
  try {
    const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
    return { pid: Number(pid), name: nameOf(pid).replaceAll(/[^\x20-\x7e]/g, '?'), args }
  } catch {
    return undefined
  }
}

// Does not use the main thread's name, which Node and others change. The kernel shows a
// replaced file as "… (deleted)".
function nameOf(pid: string): string {
  const executable = linkOf(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '')
  return executable === '' ? threadNameOf(pid) : basename(executable)
}

// "" for a process that has ended.
function threadNameOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd()
  } catch {
    return ''
  }
}
