// The agent's UDP sockets, one per own address. The address binds a socket to a lane: the reserved
// addresses of both ends have their own routes (host/routes/agent-routes.ts), so no packet of one lane ever
// takes the other's path.

import { createSocket, type Socket } from 'node:dgram'
import { errnoCode } from '../../cni/error.ts'
import type { Lane } from '../../paths/probe/message.ts'

/** A datagram as received. Its lane is that of the address it was sent to. */
export interface Incoming {
  readonly datagram: Buffer
  readonly lane: Lane
  /** Our address, and the sender's with its port. */
  readonly to: string
  readonly from: string
  readonly port: number
}

export interface AgentSockets {
  /**
   * Opens missing sockets and closes unwanted ones. The next call retries addresses that do not exist yet.
   */
  readonly keep: (wanted: ReadonlyMap<string, Lane>) => void
  /** Sets the receiver. Earlier datagrams are lost. */
  readonly deliverTo: (receive: (incoming: Incoming) => void) => void
  /** Sends from one of our addresses. A datagram that cannot be sent is lost, as UDP datagrams may be. */
  readonly send: (datagram: Buffer, from: string, to: string, port?: number) => void
  /** Our addresses with an open socket. */
  readonly open: () => readonly string[]
  /** Our addresses that cannot be bound, with the reason. Missing addresses do not count. */
  readonly closed: () => ReadonlyMap<string, string>
  readonly close: () => void
}

// Answers of a hundred peers may arrive in one moment while this process waits for the processor.
const RECEIVE_BUFFER = 1_048_576

/**
 * Opens the sockets.
 * @param onTrouble called once per address that exists and cannot be bound, and once for a message that
 * cannot be sent
 */
export function openSockets(
  port: number,
  onTrouble: (address: string, problem: string) => void,
): AgentSockets {
  const sockets = new Map<string, { readonly socket: Socket; ready: boolean }>()
  const troubled = new Map<string, string>()
  let hasFailed = false
  let receive: (incoming: Incoming) => void = ignore

  const bind = (address: string, lane: Lane): void => {
    const socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4', lookup: literally })
    const entry = { socket, ready: false }
    sockets.set(address, entry)
    socket.on('message', (datagram, { address: from, port: fromPort }) => {
      receive({ datagram, lane, to: address, from, port: fromPort })
    })
    socket.on('listening', () => {
      entry.ready = true
      troubled.delete(address)
      trySetBuffer(socket)
    })
    socket.on('error', (error) => {
      socket.close()
      if (sockets.get(address) === entry) sockets.delete(address)
      // Nebula is down, or the bridge does not exist yet. The next call finds the address.
      if (errnoCode(error) === 'EADDRNOTAVAIL') return void troubled.delete(address)
      const isKnown = troubled.has(address)
      troubled.set(address, error.message)
      if (!isKnown) onTrouble(address, error.message)
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
      for (const address of troubled.keys()) if (!wanted.has(address)) troubled.delete(address)
      for (const [address, lane] of wanted) if (!sockets.has(address)) bind(address, lane)
    },
    deliverTo: (receiver) => (receive = receiver),
    send: (datagram, from, to, toPort = port) => {
      const entry = sockets.get(from)
      if (entry?.ready !== true) return
      try {
        entry.socket.send(datagram, toPort, to, ignore)
      } catch (error) {
        // A single bad message must not end the agent.
        if (hasFailed) return
        hasFailed = true
        onTrouble(from, `nothing can be sent to ${to} port ${String(toPort)}: ${String(error)}`)
      }
    },
    open: () => [...sockets].filter(([, { ready }]) => ready).map(([address]) => address),
    closed: () => troubled,
    close: () => {
      for (const { socket } of sockets.values()) socket.close()
      sockets.clear()
    },
  }
}

// Takes addresses only, never names, so that no name server is asked.
function literally(
  host: string,
  _options: unknown,
  done: (error: null, address: string, family: number) => void,
): void {
  done(null, host, host.includes(':') ? 6 : 4)
}

function ignore(): void {
  // No route, no link, or a full buffer: the probe is lost and counts as lost.
}

function trySetBuffer(socket: Socket): void {
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER)
  } catch {
    // The kernel's default size suffices for a few peers.
  }
}
