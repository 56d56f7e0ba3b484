// The agent's local API: JSON over HTTP over a Unix socket, for root alone. Which requests there are, the caller says.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

import { CniCode, CniError } from '../cni/error.ts'
import { readJson } from './body.ts'
import { claimSocket } from './socket.ts'
import { streamLines } from './stream.ts'

/** One request as its handler sees it. */
export interface ApiRequest {
  readonly query: URLSearchParams
  /** The parsed JSON body; undefined when there is none. */
  readonly body: unknown
  /** Aborted when the asking side has gone or the time is over. */
  readonly signal: AbortSignal
}

/** Gives what is sent as JSON, or an async iterable whose items are sent as JSON lines until it or the reader ends. */
export type ApiHandler = (request: ApiRequest) => unknown

/** Handlers by method and path: "GET /v1/status". */
export type ApiRoutes = Readonly<Record<string, ApiHandler>>

export interface ApiServer {
  /** Ends all connections, streams included, and removes the socket. */
  close(): Promise<void>
}

// So long may a handler take before it answers; streams may last.
const ANSWER_MS = 120_000

/**
 * Serves the routes on `<runDir>/agent.sock`.
 * @throws CniError TryAgainLater when another agent runs, IoFailure when the socket cannot be made
 */
export async function serveApi(runDir: string, routes: ApiRoutes, answerMs = ANSWER_MS): Promise<ApiServer> {
  const server = createServer({
    requestTimeout: 10_000,
    headersTimeout: 5_000,
    keepAliveTimeout: 5_000,
    connectionsCheckingInterval: 2_000,
    maxHeaderSize: 8_192,
  })
  // Far more than command lines run at once.
  server.maxConnections = 64
  server.on('request', (request, response) => void answer(routes, request, response, answerMs))
  await claimSocket(server, runDir)
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  routes: ApiRoutes,
  request: IncomingMessage,
  response: ServerResponse,
  answerMs: number,
): Promise<void> {
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  response.on('error', () => gone.abort())
  try {
    const url = new URL(request.url ?? '/', 'http://agent')
    const handler = find(routes, `${request.method ?? ''} ${url.pathname}`)
    const body = await readJson(request)
    const handled = Promise.resolve(handler({ query: url.searchParams, body, signal: gone.signal }))
    const value = await inTime(handled, answerMs, gone)
    if (isIterable(value)) await streamLines(response, value, gone.signal)
    else send(response, 200, value ?? {})
  } catch (error) {
    if (response.headersSent || response.destroyed) response.destroy()
    else sendError(response, error)
  }
}

function find(routes: ApiRoutes, key: string): ApiHandler {
  const handler = Object.hasOwn(routes, key) ? routes[key] : undefined
  if (handler !== undefined) return handler
  throw new CniError(
    CniCode.UnsupportedField,
    'request not known',
    `this agent does not know ${JSON.stringify(key)}: it is another version than the one that asks; restart it`,
  )
}

async function inTime(work: Promise<unknown>, answerMs: number, gone: AbortController): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new CniError(CniCode.TryAgainLater, 'the agent took too long', `${String(answerMs)} ms`))
      gone.abort()
    }, answerMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

function isIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

function send(response: ServerResponse, status: number, value: unknown): void {
  const text = `${JSON.stringify(value)}\n`
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'flatnet-api': '1',
  })
  response.end(text)
}

// What an operator can meet is told as it is; our own mistakes by their message, since only root can ask.
function sendError(response: ServerResponse, error: unknown): void {
  const known = error instanceof CniError
  const told = known
    ? { code: error.code, message: error.message, details: error.details }
    : { code: CniCode.Internal, message: 'the agent failed', details: String(error) }
  // A body that was not read to its end would be taken for the next request.
  response.setHeader('connection', 'close')
  send(response, known ? 400 : 500, { error: told })
}
