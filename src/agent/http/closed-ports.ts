// Lists the ports that the agent cannot open.

import type { ClosedPort } from '../../views/paths.ts'

/** A service that opens the agent's port on several addresses. */
export interface Opener {
  /** The addresses on which it cannot, with the reason. */
  readonly closed: () => ReadonlyMap<string, string>
}

/** Lists the closed ports of both protocols. */
export function closedPorts(port: number, udp: Opener, tcp: Opener): readonly ClosedPort[] {
  const list = (protocol: ClosedPort['protocol'], { closed }: Opener): readonly ClosedPort[] =>
    [...closed()].map(([address, reason]) => ({ protocol, address, port, reason }))
  return [...list('udp', udp), ...list('tcp', tcp)]
}
