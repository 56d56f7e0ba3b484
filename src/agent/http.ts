// HTTP to the outside: /metrics and whatever else is mounted, each on the addresses named for it and on no other. Everybody in
// the overlay may knock here, so all is bounded: headers, connections, times.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

import { type Ip, parseIp } from '../addr/ip.ts'
import { METRICS_TYPE } from '../metrics/render.ts'

/** Answers one request; reads the body itself where it wants one. */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** Handlers by path, each for the methods named. GET answers HEAD as well. */
export type HttpMounts = Readonly<
  Record<string, { readonly methods: readonly string[]; readonly handle: HttpHandler }>
>

/** An address to listen on, canonical text, with what is offered there. */
export interface HttpPlace {
  readonly address: string
  readonly mounts: HttpMounts
}

/** An address on which nobody can listen at present: the nebula link is not there yet, or the port is taken. */
export interface HttpProblem {
  readonly address: string
  readonly error: string
}

export interface HttpListeners {
  /**
   * Listens where nobody does yet, stops where nothing is wanted any more, and says where it could not. To be called
   * again whenever addresses may have changed: a socket outlives its address (and serves again when it returns).
   */
  ensure(places: readonly HttpPlace[]): Promise<readonly HttpProblem[]>
  /** The addresses listened on, sorted. */
  addresses(): readonly string[]
  close(): Promise<void>
}

const CONNECTIONS = 64
// A reader of metrics comes back on its connection; whoever asks more often opens another one.
const REQUESTS_PER_CONNECTION = 32

/** What serves nobody yet; `port` is the same on all addresses. */
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
  // One after another: two at once would find each other's ports taken.
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

/** Who asks; a server that listens on IPv6 shows IPv4 callers as ::ffff:10.86.2.1. */
export function callerOf({ socket }: IncomingMessage): Ip | undefined {
  return parseIp((socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, ''))
}

/** Serves the text that `render` gives. */
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

// Requests sent one behind the other without waiting for an answer would have as many handlers at work; so there are never
// more than connections.
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
  // A reader that takes nothing for so long is gone.
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
    // Strangers learn nothing from our mistakes.
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
    // Stays for good: an accept(2) that fails (EMFILE) is an error event too, and would end the agent.
    server.on('error', (error) => resolve(error.message))
    // IPv6 alone: "::" must not take what 0.0.0.0 would.
    server.listen({ host, port, ipv6Only: true, backlog: CONNECTIONS }, () => resolve(undefined))
  })
}

function end(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
