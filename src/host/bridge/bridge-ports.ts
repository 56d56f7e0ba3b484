// The number of a bridge's ports, which the kernel limits.

import { parseShown } from '../../ip/show.ts'
import { leaseRange, rangeSize } from '../../addr/range.ts'
import type { Prefix } from '../../addr/prefix.ts'
import { CniCode, CniError } from '../../cni/error.ts'
import { ipShow } from '../../exec/network/ip.ts'
import { countHostLinks } from '../../kernel/link-count.ts'
import type { Log } from '../../log.ts'

// linux/net/bridge/br_private.h: BR_MAX_PORTS is 1 << 10, and port 0 is never
// used (find_portno() in br_if.c).
const MOST_PORTS = 1023
const WARN_FROM = 1000

/**
 * Warns once per ADD that a bridge is nearly full. Skips hosts whose subnets
 * cannot hold that many containers.
 */
export async function warnOfFullBridge(bridge: string, subnets: readonly Prefix[], log: Log): Promise<void> {
  if (!subnets.every((subnet) => rangeSize(leaseRange(subnet)) >= WARN_FROM)) return
  if (countHostLinks() < WARN_FROM) return
  const ports = await countPorts(bridge)
  if (ports < WARN_FROM) return
  const error = `${String(ports)} of ${String(MOST_PORTS)} ports are in use; ${ADVICE}`
  log('warn', 'bridge is nearly full', { dev: bridge, error })
}

/**
 * Returns why a bridge takes no further port ("Exchange full" in ip's words), or undefined if it has room.
 */
export async function refusalOfFullBridge(bridge: string): Promise<CniError | undefined> {
  const ports = await countPorts(bridge)
  if (ports < MOST_PORTS) return undefined
  const details = `${bridge} has ${String(ports)} ports, the most that the kernel gives a bridge; ${ADVICE}`
  return new CniError(CniCode.RangeExhausted, 'bridge is full', details)
}

const ADVICE = 'remove containers, or start the next ones on another host'

async function countPorts(bridge: string): Promise<number> {
  return parseShown(await ipShow(['link', 'show', 'master', bridge])).length
}
