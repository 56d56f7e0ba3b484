// Runs iproute2's `ss` for what /proc does not show of a socket.

import { CniError } from '../../cni/error.ts'
import { run } from '../run.ts'

/**
 * Returns the inodes of listening IPv6 sockets that do not cover IPv4 (ipv6(7), IPV6_V6ONLY). Empty if `ss`
 * is missing: without the option, which is the default, a socket covers both.
 */
export async function inet6OnlySockets(): Promise<ReadonlySet<string>> {
  try {
    const { stdout } = await run({ file: 'ss', args: ['-H', '-6', '-l', '-n', '-e', '-t', '-u'] })
    return new Set([...stdout.matchAll(/ ino:(\d+) .*\bv6only:1\b/g)].map(([, inode = '']) => inode))
  } catch (error) {
    if (error instanceof CniError && error.message === 'program missing') return new Set()
    throw error
  }
}
