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
