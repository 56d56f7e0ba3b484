// The agent's UDP sockets, one per own address. Binding to the address is what pins a lane: the reserved addresses of both
// ends have routes of their own (host/agent-routes.ts), so no packet of one lane ever takes the other's path.

import { createSocket, type Socket } from 'node:dgram'
import { errnoCode } from '../cni/error.ts'
import type { Lane } from '../probe/message.ts'

/** A datagram as it came in; the lane is that of the address it was sent to. */
export interface Incoming {
  readonly datagram: Buffer
  readonly lane: Lane
  /** Our address, and the sender's with its port. */
  readonly to: string
  readonly from: string
  readonly port: number
}

export interface AgentSockets {
  /** Opens what is missing, closes what is not wanted any more. Addresses that are not there yet are tried at the next call. */
  readonly keep: (wanted: ReadonlyMap<string, Lane>) => void
  /** Sends from one of our addresses. What cannot be sent is lost, like anything else that goes by UDP. */
  readonly send: (datagram: Buffer, from: string, to: string, port?: number) => void
  /** Our addresses with an open socket. */
  readonly open: () => readonly string[]
  readonly close: () => void
}

// Answers of a hundred peers may come in one moment while this process waits for the processor.
const RECEIVE_BUFFER = 1_048_576

/**
 * @param onTrouble told once per address that cannot be bound for another reason than that it is not there, and once of a
 *   message that cannot be sent
 */
export function openSockets(
  port: number,
  onDatagram: (incoming: Incoming) => void,
  onTrouble: (address: string, problem: string) => void,
): AgentSockets {
  const sockets = new Map<string, { readonly socket: Socket; ready: boolean }>()
  const troubled = new Set<string>()
  let hasFailed = false

  const bind = (address: string, lane: Lane): void => {
    const socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4', lookup: literally })
    const entry = { socket, ready: false }
    sockets.set(address, entry)
    socket.on('message', (datagram, { address: from, port: fromPort }) => {
      onDatagram({ datagram, lane, to: address, from, port: fromPort })
    })
    socket.on('listening', () => {
      entry.ready = true
      troubled.delete(address)
      trySetBuffer(socket)
    })
    socket.on('error', (error) => {
      socket.close()
      if (sockets.get(address) === entry) sockets.delete(address)
      // Nebula is down, or the bridge is being made: the address comes with the next call.
      if (errnoCode(error) === 'EADDRNOTAVAIL' || troubled.has(address)) return
      troubled.add(address)
      onTrouble(address, error.message)
    })
    socket.bind({ address, port, exclusive: true })
  }

  return {
    keep: (wanted) => {
      for (const [address, { socket }] of sockets) {
        if (wanted.has(address)) continue
        sockets.delete(address)
        socket.close()
      }
      for (const [address, lane] of wanted) if (!sockets.has(address)) bind(address, lane)
    },
    send: (datagram, from, to, toPort = port) => {
      const entry = sockets.get(from)
      if (entry?.ready !== true) return
      try {
        entry.socket.send(datagram, toPort, to, ignore)
      } catch (error) {
        // Whatever is wrong with one message must not end the agent.
        if (hasFailed) return
        hasFailed = true
        onTrouble(from, `nothing can be sent to ${to} port ${String(toPort)}: ${String(error)}`)
      }
    },
    open: () => [...sockets].filter(([, { ready }]) => ready).map(([address]) => address),
    close: () => {
      for (const { socket } of sockets.values()) socket.close()
      sockets.clear()
    },
  }
}

// Addresses only, never names: nothing is to be asked for anywhere.
function literally(
  host: string,
  _options: unknown,
  done: (error: null, address: string, family: number) => void,
): void {
  done(null, host, host.includes(':') ? 6 : 4)
}

function ignore(): void {
  // No route, link gone, buffer full: the probe is lost and counts as that.
}

function trySetBuffer(socket: Socket): void {
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER)
  } catch {
    // The kernel's own size does for a few peers.
  }
}
