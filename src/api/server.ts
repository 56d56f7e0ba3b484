// The agent's local API: JSON over HTTP over a Unix socket, for root alone. The caller defines the routes.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

import { CniCode, CniError } from '../cni/error.ts'
import { readJson } from './body.ts'
import { takeSocket } from './socket.ts'
import { streamLines } from './stream.ts'

/** One request as its handler sees it. */
export interface ApiRequest {
  readonly query: URLSearchParams
  /** The parsed JSON body; undefined when there is none. */
  readonly body: unknown
  /** Aborted when the client disconnects or the time limit passes. */
  readonly signal: AbortSignal
}

/**
 * Returns the value to send as JSON, or an async iterable whose items are sent as JSON lines until it ends
 * or the reader disconnects.
 */
type ApiHandler = (request: ApiRequest) => unknown

/** Handlers by method and path: "GET /v1/status". */
export type ApiRoutes = Readonly<Record<string, ApiHandler>>

interface ApiServer {
  /** Closes all connections, streams included, and removes the socket. */
  close(): Promise<void>
}

// Time from the connection to the complete request, in wall-clock time. A client that got no CPU for ten
// seconds after connecting must still be served. Only root can connect at all.
const QUESTION_MS = 60_000
// The time limit for a handler's answer; streams may run longer.
const ANSWER_MS = 120_000

/**
 * Serves the routes on `<runDir>/agent.sock`.
 * @throws CniError TryAgainLater when another agent runs, IoFailure when the socket cannot be created
 */
export async function serveApi(runDir: string, routes: ApiRoutes, answerMs = ANSWER_MS): Promise<ApiServer> {
  const server = createServer({
    requestTimeout: QUESTION_MS,
    headersTimeout: QUESTION_MS,
    keepAliveTimeout: 5_000,
    connectionsCheckingInterval: 2_000,
    maxHeaderSize: 8_192,
  })
  // Far more than the number of command lines that run at the same time.
  server.maxConnections = 64
  server.on('request', (request, response) => void answer(routes, request, response, answerMs))
  await takeSocket(server, runDir)
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
    'unknown request',
    `this agent does not know ${JSON.stringify(key)}: ` +
      'it runs another version than the command that asks; restart it',
  )
}

// Waits for neither a handler past its time nor one that the client no longer wants: its timer would
// keep the process.
async function inTime(work: Promise<unknown>, answerMs: number, gone: AbortController): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new CniError(CniCode.TryAgainLater, 'the agent took too long', `${String(answerMs)} ms`))
      gone.abort()
    }, answerMs)
    gone.signal.addEventListener('abort', () => reject(new Error('the client has gone')))
  })
  try {
    return await Promise.race([work, over])
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

// Reports an operator's error as it is, and a bug of ours by its message, since only root can ask.
function sendError(response: ServerResponse, error: unknown): void {
  const known = error instanceof CniError
  const told = known
    ? { code: error.code, message: error.message, details: error.details }
    : { code: CniCode.Internal, message: 'the agent failed', details: String(error) }
  // The unread rest of a body would be parsed as the next request.
  response.setHeader('connection', 'close')
  send(response, known ? 400 : 500, { error: told })
}
