// What /proc says about our own process and its network namespace (proc(5)).

import { readFileSync } from 'node:fs'
import { CniCode, CniError, errnoCode } from '../cni/error.ts'
import type { Family } from '../addr/ip.ts'

/** The routing table of our namespace as text, "" where the kernel lacks that family. */
export function readProcRoutes(family: Family): string {
  return readProcNet(family === 4 ? 'route' : 'ipv6_route')
}

/** What says which addresses are our namespace's own, "" where the kernel lacks that family. */
export function readProcLocal(family: Family): string {
  return readProcNet(family === 4 ? 'fib_trie' : 'if_inet6')
}

/** The flows of our namespace, "" where the kernel does not show them (CONFIG_NF_CONNTRACK_PROCFS). */
export function readProcFlows(): string {
  return readProcNet('nf_conntrack')
}

function readProcNet(name: string): string {
  try {
    return readFileSync(`/proc/self/net/${name}`, 'utf8')
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return ''
    throw error
  }
}

/**
 * Refuses to go on in a user namespace: rootless runtimes put a plugin into a private network namespace, where
 * neither the nebula link nor the host's routes exist. @throws CniError InvalidEnvironment
 */
export function refuseRootless(): void {
  // The initial user namespace maps all 2^32 - 1 IDs onto themselves (user_namespaces(7)).
  const map = readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/)
  if (process.geteuid?.() === 0 && map[0] === '0' && map[1] === '0' && map[2] === '4294967295') return
  throw new CniError(
    CniCode.InvalidEnvironment,
    'root is needed',
    'flatnet-cni runs in the host network namespace as root; rootless podman and nerdctl put it into a private one' +
      ' without the nebula link: start the container as root (sudo podman, sudo nerdctl)',
  )
}

/** Packets that a link of our namespace has received and sent; undefined when there is none of that name. */
export function readLinkPackets(dev: string): number | undefined {
  const text = readProcNet('dev')
  // proc_pid_net(5), /proc/net/dev: a line per link, "  name: " and eight figures of what came in, eight of what went out.
  const line = text.split('\n').find((each) => each.trimStart().startsWith(`${dev}:`))
  if (line === undefined) return undefined
  const fields = line
    .slice(line.indexOf(':') + 1)
    .trim()
    .split(/\s+/)
  return Number(fields[1]) + Number(fields[9])
}

/** Milliseconds since boot, sleep included (proc_uptime(5)). */
export function readUptimeMs(): number {
  return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000
}

/**
 * The kernel's number of a link that speaks IPv4, which one of the same name made later does not have (proc_pid_net(5),
 * /proc/net/igmp: "index device : …"); undefined when there is none.
 */
export function readLinkIndex(dev: string): number | undefined {
  const lines = readProcNet('igmp')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
  const [index] = lines.find(([, name]) => name?.replace(/:$/, '') === dev) ?? []
  return index === undefined ? undefined : Number(index)
}
