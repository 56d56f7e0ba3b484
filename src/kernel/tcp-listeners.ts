// Reads the listeners of TCP from /proc/self/net/tcp and tcp6, and not the rest of these files.
//
// The kernel lists the listeners first. To find that no connection follows, it walks its whole table of
// connections, 3 to 4 ms for an empty one. It starts the walk as soon as a read asks for more than the last
// listener's line. /proc/net/sockstat says how many sockets there are, so reading can stop after that many
// lines.

import { countInUse, isPastListeners } from '../ip/proc-sockets.ts'
import { readProcNet, readProcNetWhile } from './proc.ts'

// With more sockets, reading line by line would cost more than the walk.
const MOST_LINES = 200
// The heading of tcp6. No other line of either file is shorter.
const LEAST_BYTES = 145

/** Returns the lines of the listeners, and perhaps some of other sockets. */
export function readTcpListeners(isIpv6: boolean): string {
  const [name, protocol, statistics] = isIpv6
    ? (['tcp6', 'TCP6', 'sockstat6'] as const)
    : (['tcp', 'TCP', 'sockstat'] as const)
  const most = countInUse(readProcNet(statistics), protocol) ?? Infinity
  if (most === 0) return ''
  const isMoreWanted = (text: string): boolean => !isPastListeners(text)
  if (most > MOST_LINES) return readProcNetWhile(name, isMoreWanted)
  // The heading is one more line.
  let lines = -1
  return readProcNetWhile(
    name,
    (text) => {
      if (!text.endsWith('\n')) return true
      lines += 1
      return lines < most && isMoreWanted(text)
    },
    (text) => (text === '' || text.endsWith('\n') ? LEAST_BYTES : 1),
  )
}
