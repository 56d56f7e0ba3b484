// The HTTP server for other hosts: /metrics and other mounts, each on its own addresses only. Every overlay
// host may connect, so everything is bounded: headers, connections, times.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

import { type Ip, parseIp } from '../../addr/ip.ts'
import { METRICS_TYPE } from '../../metrics/render.ts'

/** Answers one request. Reads the body itself if it needs it. */
type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** Handlers by path, each for the listed methods. GET includes HEAD. */
export type HttpMounts = Readonly<
  Record<string, { readonly methods: readonly string[]; readonly handle: HttpHandler }>
>

/** An address to listen on, as canonical text, and what is served there. */
export interface HttpPlace {
  readonly address: string
  readonly mounts: HttpMounts
}

/** An address on which no server can listen now: the nebula link does not exist yet, or the port is taken. */
interface HttpProblem {
  readonly address: string
  readonly error: string
}

interface HttpListeners {
  /**
   * Listens on the wanted addresses, stops on all others, and returns those that failed. Call it again
   * whenever addresses may have changed. A socket outlives its address, and serves again when the
   * address returns.
   */
  ensure(places: readonly HttpPlace[]): Promise<readonly HttpProblem[]>
  /** The addresses listened on, sorted. */
  addresses(): readonly string[]
  close(): Promise<void>
}

const CONNECTIONS = 64
// A scraper returns on its connection. A client that asks more often opens another.
const REQUESTS_PER_CONNECTION = 32

/** Creates listeners that listen nowhere yet. `port` is the same on all addresses. */
export function createHttpListeners(port: number): HttpListeners {
  const servers = new Map<string, { server: Server; mounts: HttpMounts }>()
  const stop = async (address: string): Promise<void> => {
    const found = servers.get(address)
    servers.delete(address)
    if (found !== undefined) await end(found.server)
  }
  const ensure = async (places: readonly HttpPlace[]): Promise<readonly HttpProblem[]> => {
    const wanted = new Map(places.map((place) => [place.address, place.mounts]))
    for (const address of servers.keys()) if (!wanted.has(address)) await stop(address)
    const problems: HttpProblem[] = []
    for (const [address, mounts] of wanted) {
      const running = servers.get(address)
      if (running !== undefined) {
        running.mounts = mounts
        continue
      }
      const entry = { server: createServer(LIMITS), mounts }
      entry.server.maxConnections = CONNECTIONS
      entry.server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION
      const oneAtATime = onePerConnection((...asked) => serve(entry.mounts, ...asked))
      entry.server.on('request', (request, response) => void oneAtATime(request, response))
      const error = await listen(entry.server, address, port)
      if (error === undefined) servers.set(address, entry)
      else problems.push({ address, error })
    }
    return problems
  }
  // Runs one at a time, because two would find each other's ports taken.
  let turn: Promise<unknown> = Promise.resolve()
  return {
    ensure: (places) => {
      const mine = turn.then(() => ensure(places))
      turn = mine
      return mine
    },
    addresses: () => [...servers.keys()].toSorted(),
    close: async () => {
      await turn
      await Promise.all([...servers.keys()].map(stop))
    },
  }
}

/** Returns the client's address. A server on IPv6 shows IPv4 clients as ::ffff:10.86.2.1. */
export function callerOf({ socket }: IncomingMessage): Ip | undefined {
  return parseIp((socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, ''))
}

/** Serves the text that `render` returns. */
export function metricsMount(render: () => string): HttpMounts {
  const handle: HttpHandler = (_, response) => {
    response.setHeader('content-type', METRICS_TYPE)
    response.end(render())
  }
  return { '/metrics': { methods: ['GET'], handle } }
}

const LIMITS = {
  requestTimeout: 10_000,
  headersTimeout: 5_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 2_000,
  maxHeaderSize: 8_192,
}

// Pipelined requests would start as many handlers. This way there are never more handlers than connections.
function onePerConnection(serveOne: HttpHandler): HttpHandler {
  const busy = new WeakSet<object>()
  return async (request, response) => {
    const { socket } = request
    if (busy.has(socket)) return refuse(response, 503, 'one request at a time')
    busy.add(socket)
    try {
      await serveOne(request, response)
    } finally {
      busy.delete(socket)
    }
  }
}

async function serve(mounts: HttpMounts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.on('error', () => undefined)
  // A client that reads nothing for this long has gone away.
  response.setTimeout(10_000, () => response.destroy())
  const path = (request.url ?? '').split('?', 1)[0] ?? ''
  const mount = Object.hasOwn(mounts, path) ? mounts[path] : undefined
  if (mount === undefined) return refuse(response, 404, 'not found')
  const method = request.method === 'HEAD' ? 'GET' : (request.method ?? '')
  if (!mount.methods.includes(method)) {
    response.setHeader('allow', mount.methods.join(', '))
    return refuse(response, 405, 'method not allowed')
  }
  try {
    await mount.handle(request, response)
  } catch {
    // Clients learn nothing from our mistakes.
    if (response.headersSent) response.destroy()
    else refuse(response, 500, 'failed')
  }
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' })
  response.end(`${text}\n`)
}

function listen(server: Server, host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    // Stays registered: a failing accept(2) (EMFILE) is also an error event, and would end the agent.
    server.on('error', (error) => resolve(error.message))
    // IPv6 only, so that "::" does not take what 0.0.0.0 would.
    server.listen({ host, port, ipv6Only: true, backlog: CONNECTIONS }, () => resolve(undefined))
  })
}

function end(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
