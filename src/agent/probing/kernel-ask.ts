// Asks the kernel of a silent peer whether its agent listens. A connected UDP socket receives "port
// unreachable" (RFC 1122, section 4.1.3.3), which only a reachable host can send: the path is alive, and
// the agent is not.

import { createSocket } from 'node:dgram'
import { errnoCode } from '../../cni/error.ts'
import { startDeadline } from '../../exec/deadline.ts'
import type { AgentPeer } from '../peers/peer.ts'

const WAIT_MS = 900

/**
 * Asks on both container paths. The answers go to `peer.refused`, which the next echo clears. The answer on
 * the gateway path may move traffic, so that question comes from an address that sends no probes. A kernel
 * refuses once a second per address (icmp(7), icmp_ratelimit), and each probe to a closed port uses that up
 * unnoticed.
 * @param onLink called with the number of packets sent or received over the nebula link
 */
export function askKernel(peer: AgentPeer, port: number, onLink: (packets: number) => void): void {
  for (const lane of ['p2p', 'gateway'] as const) {
    const ends = peer.contact.ends.get(lane)
    if (ends === undefined) continue
    if (lane === 'p2p') onLink(1)
    const from = (lane === 'gateway' ? peer.contact.ends.get('user')?.from : undefined) ?? ends.from
    ask(from, ends.to, port, (isRefused) => {
      peer.refused[lane] = isRefused
      if (isRefused && lane === 'p2p') onLink(1)
    })
  }
}

function ask(from: string, to: string, port: number, done: (isRefused: boolean) => void): void {
  const socket = createSocket(to.includes(':') ? 'udp6' : 'udp4')
  let isRefused = false
  const deadline = startDeadline(WAIT_MS, close)
  function close(): void {
    deadline.clear()
    socket.close()
    done(isRefused)
  }
  socket.on('error', (error) => {
    isRefused = errnoCode(error) === 'ECONNREFUSED'
    close()
  })
  socket.bind({ address: from, port: 0, exclusive: true }, () => {
    socket.connect(port, to, (error?: Error) => {
      // A living agent ignores an empty datagram.
      if (error === undefined) socket.send('', () => undefined)
    })
  })
}
