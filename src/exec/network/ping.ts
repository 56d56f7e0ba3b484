// Sends echo requests with iputils' ping, because Node cannot open raw sockets.

import { CniError } from '../../cni/error.ts'
import { formatIp, type Ip } from '../../addr/ip.ts'
import { run } from '../run.ts'

// Extra time for ping itself, and for the time it may be kept from exiting.
const SPARE_MS = 5000

/**
 * Sends one request per second on the link `dev`. Returns whether `ip` answers one within `seconds`, or
 * undefined if this host has no ping.
 */
export async function ping(ip: Ip, seconds: number, dev?: string): Promise<boolean | undefined> {
  try {
    // A link-local address is meaningless without its link (RFC 4007, section 6).
    const on = dev === undefined ? [] : ['-I', dev]
    const args = ['-n', '-q', '-c', '1', '-w', String(seconds), ...on, formatIp(ip)]
    return (await run({ file: 'ping', args, timeoutMs: seconds * 1000 + SPARE_MS })).exitCode === 0
  } catch (error) {
    if (error instanceof CniError && error.message === 'program missing') return undefined
    throw error
  }
}
