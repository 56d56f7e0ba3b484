// Port 53 on the bridge addresses, UDP and TCP. Answers only containers of this host and the host itself.

import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { createServer, type Server, type Socket } from 'node:net'

import { type Ip, parseIp } from '../../addr/ip.ts'
import { readFrame, writeFrame } from './frames.ts'

/** Answers one message; undefined for what deserves no answer. Never rejects. */
type Answering = (message: Buffer, isTcp: boolean) => Promise<Buffer | undefined>

interface NameListeners {
  /** Listens on these addresses and on no others; to be called again when they may have come. */
  readonly keep: (addresses: readonly string[]) => Promise<void>
  /** The addresses where it cannot listen, each with the reason. One that is not there does not count. */
  readonly closed: () => ReadonlyMap<string, string>
  /** Whether it listens anywhere. */
  readonly isOpen: () => boolean
  /** Ends once what has been asked is answered, within this time at the latest. */
  readonly close: (withinMs: number) => Promise<void>
}

interface NameListenerOptions {
  readonly port: number
  readonly mayAsk: (from: Ip) => boolean
  readonly answer: Answering
}

const CONNECTIONS = 128
// RFC 7766, section 6.2.3: a connection that asks nothing is closed after some seconds.
const IDLE_CONNECTION_MS = 10_000

export function makeNameListeners({ port, mayAsk, answer }: NameListenerOptions): NameListeners {
  const open = new Map<string, { readonly udp: UdpSocket; readonly tcp: Server }>()
  const answering = new Set<Promise<unknown>>()
  let closed: ReadonlyMap<string, string> = new Map()
  let turn: Promise<void> = Promise.resolve()

  const stop = (address: string): void => {
    const sockets = open.get(address)
    open.delete(address)
    sockets?.udp.close()
    sockets?.tcp.close()
  }
  const start = async (address: string): Promise<string | undefined> => {
    const udp = createSocket(address.includes(':') ? 'udp6' : 'udp4')
    const tcp = createServer((connection) => serve(connection, { mayAsk, answer }))
    tcp.maxConnections = CONNECTIONS
    udp.on('message', (message, { address: from, port: to }) => {
      const ip = parseIp(from)
      if (ip === undefined || !mayAsk(ip)) return
      const sent = answer(message, false).then((reply) => {
        if (reply !== undefined && open.get(address)?.udp === udp) udp.send(reply, to, from)
        answering.delete(sent)
      })
      answering.add(sent)
    })
    const problem = (await bind(udp, address, port)) ?? (await listen(tcp, address, port))
    if (problem === undefined) open.set(address, { udp, tcp })
    else {
      udp.close()
      tcp.close()
    }
    return problem
  }
  const keep = async (addresses: readonly string[]): Promise<void> => {
    for (const address of open.keys()) if (!addresses.includes(address)) stop(address)
    const problems: [string, string][] = []
    for (const address of addresses.filter((each) => !open.has(each))) {
      const problem = await start(address)
      // Before the first container the bridge is not there.
      if (problem !== undefined && !problem.includes('EADDRNOTAVAIL')) problems.push([address, problem])
    }
    closed = new Map(problems)
  }
  return {
    keep: (addresses) => {
      turn = turn.then(() => keep(addresses))
      return turn
    },
    closed: () => closed,
    isOpen: () => open.size > 0,
    close: async (withinMs) => {
      await turn
      const time = new Promise((resolve) => setTimeout(resolve, withinMs).unref())
      await Promise.race([Promise.all(answering), time])
      for (const address of open.keys()) stop(address)
    },
  }
}

function bind(socket: UdpSocket, address: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    // Stays for good: an error of a later answer must not end the agent.
    socket.on('error', (error) => resolve(error.message))
    socket.bind({ address, port, exclusive: true }, () => resolve(undefined))
  })
}

function listen(server: Server, host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    server.on('error', (error) => resolve(error.message))
    server.listen({ host, port, backlog: CONNECTIONS }, () => resolve(undefined))
  })
}

// One question after another on each connection: a client that sends many waits for its own answers only.
function serve(connection: Socket, { mayAsk, answer }: Pick<NameListenerOptions, 'mayAsk' | 'answer'>): void {
  const from = parseIp((connection.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, ''))
  if (from === undefined || !mayAsk(from)) return void connection.destroy()
  connection.setTimeout(IDLE_CONNECTION_MS, () => connection.destroy())
  connection.on('error', () => connection.destroy())
  void answerAll(connection, answer)
}

async function answerAll(connection: Socket, answer: Answering): Promise<void> {
  let received = Buffer.alloc(0)
  try {
    for await (const chunk of connection) {
      received = Buffer.concat([received, chunk as Buffer])
      for (let frame = readFrame(received); frame !== undefined; frame = readFrame(received)) {
        received = Buffer.from(frame.rest)
        const reply = await answer(frame.message, true)
        if (reply === undefined) return void connection.destroy()
        connection.write(writeFrame(reply))
      }
    }
  } catch {
    // The client has gone.
    connection.destroy()
  }
}
