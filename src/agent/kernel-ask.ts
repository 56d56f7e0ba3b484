// Asks the kernel of a silent peer whether anybody listens on the agent's port. A connected UDP socket hears "port
// unreachable" (RFC 1122, section 4.1.3.3), which only a host that is reached can say: the path is alive, the agent is not.

import { createSocket } from 'node:dgram'
import { errnoCode } from '../cni/error.ts'
import type { AgentPeer } from './peer.ts'

const WAIT_MS = 900

/**
 * Asks on both container paths; the answers land in `peer.refused`, which the next echo clears. Traffic may be moved for what
 * the gateway path says, so it is asked from an address that sends no probes: a kernel refuses once a second per address
 * (icmp(7), icmp_ratelimit), and each probe to a closed port uses that up without hearing of it.
 * @param onLink told of each packet that goes over the nebula link, or comes by it
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
  const timer = setTimeout(close, WAIT_MS)
  function close(): void {
    clearTimeout(timer)
    socket.close()
    done(isRefused)
  }
  socket.on('error', (error) => {
    isRefused = errnoCode(error) === 'ECONNREFUSED'
    close()
  })
  socket.bind({ address: from, port: 0, exclusive: true }, () => {
    socket.connect(port, to, (error?: Error) => {
      // Empty, which the agent there passes over if it lives.
      if (error === undefined) socket.send('', () => undefined)
    })
  })
}
