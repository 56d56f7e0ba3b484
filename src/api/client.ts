// Asks the agent of this host. src/views/paths.ts defines the shape of its JSON answers.

import { type IncomingMessage, request } from 'node:http'

import { CniCode, CniError, errnoCode } from '../cni/error.ts'
import { tooLate } from '../cni/late.ts'
import { type Deadline, startDeadline } from '../exec/deadline.ts'
import { sinceHeartbeat } from '../state/agent/heartbeat.ts'
import { readJson } from './body.ts'
import { socketObstacle, socketPath } from './socket.ts'

export interface AskOptions {
  /** Sent as JSON. */
  readonly body?: unknown
  /** Milliseconds of own time (src/exec/deadline.ts) until an answer begins; 5,000 by default. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** `method` is GET by default. */
interface FollowOptions extends AskOptions {
  readonly method?: Method
}

type Method = 'GET' | 'POST' | 'DELETE'

// Far more than the agent ever sends. Guards against another program in its place.
const ANSWER_BYTES = 64 * 1024 * 1024
const LINE_LENGTH = 1024 * 1024
const TIMEOUT_MS = 5_000
const UNREACHABLE = 'agent unreachable'

/**
 * Sends one request and returns its answer.
 * @param path including its query: "/v1/path?peer=host-b"
 * @throws CniError AgentUnreachable when no agent answers, or the error that the agent answers with
 */
export async function askAgent(
  runDir: string,
  method: Method,
  path: string,
  options: AskOptions = {},
): Promise<unknown> {
  const answer = await open(runDir, path, { ...options, method, type: 'application/json' })
  return await readAnswer(runDir, answer)
}

/**
 * Yields what the agent reports from now on, item by item, until the agent exits or `signal` is aborted.
 * @throws as {@link askAgent}
 */
export async function* followAgent(
  runDir: string,
  path: string,
  options: FollowOptions = {},
): AsyncGenerator<unknown, void> {
  const ended = (error: unknown) => options.signal?.aborted === true || errnoCode(error) === 'ECONNRESET'
  try {
    const answer = await open(runDir, path, { method: 'GET', ...options, type: 'application/jsonl' })
    for await (const line of linesOf(runDir, answer)) yield parseLine(runDir, line)
  } catch (error) {
    // The agent exited in the middle of a line, or the caller stopped reading.
    if (!ended(error)) throw error
  }
}

async function* linesOf(runDir: string, answer: IncomingMessage): AsyncGenerator<string, void> {
  let rest = ''
  for await (const part of answer.setEncoding('utf8')) {
    const lines = (rest + String(part)).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > LINE_LENGTH) throw unreachable(runDir, 'sent a line without an end')
    for (const line of lines) if (line !== '') yield line
  }
}

interface OpenOptions extends AskOptions {
  readonly method: Method
  /** The content type that the answer must have. */
  readonly type: string
}

function open(runDir: string, path: string, options: OpenOptions): Promise<IncomingMessage> {
  const { method, type, body, timeoutMs = TIMEOUT_MS, signal } = options
  return new Promise((resolve, reject) => {
    const text = body === undefined ? '' : JSON.stringify(body)
    const headers = { host: 'agent', 'content-length': Buffer.byteLength(text), connection: 'close' }
    const asked = request({
      socketPath: socketPath(runDir),
      method,
      path,
      headers,
      maxHeaderSize: 8_192,
      ...(signal && { signal }),
    })
    const begun = performance.now()
    const deadline = startDeadline(timeoutMs, () => asked.destroy(silent(runDir, timeoutMs, begun)))
    asked.on('response', (answer) => {
      deadline.clear()
      if (answer.headers['flatnet-api'] !== '1') {
        asked.destroy(unreachable(runDir, 'is not flatnet-cni'))
      } else if (answer.statusCode === 200 && answer.headers['content-type'] === type) resolve(answer)
      else
        readAnswer(runDir, answer).then(
          () => reject(unreachable(runDir, 'sent another kind of answer')),
          reject,
        )
    })
    asked.on('error', (error) => {
      deadline.clear()
      reject(error instanceof CniError || signal?.aborted === true ? error : notThere(runDir, error))
    })
    asked.end(text)
  })
}

async function readAnswer(runDir: string, answer: IncomingMessage): Promise<unknown> {
  const stuck = whenStuck(answer, () => answer.destroy())
  const value = await readJson(answer, ANSWER_BYTES).catch((error: unknown) => {
    throw unreachable(runDir, 'closed the connection in the middle of its answer', error)
  })
  stuck.clear()
  answer.destroy()
  if (typeof value !== 'object' || value === null)
    throw unreachable(runDir, 'sent an answer that is not JSON')
  if (answer.statusCode === 200) return value
  const { error } = value as { error?: { code?: unknown; message?: unknown; details?: unknown } }
  const code = Object.values(CniCode).find((one) => one === error?.code) ?? CniCode.Internal
  const text = (told: unknown) => (typeof told === 'string' ? told : '')
  throw new CniError(code, text(error?.message) || 'the agent refused the request', text(error?.details))
}

// Every received byte restarts the full time limit.
function whenStuck({ socket }: IncomingMessage, onStuck: () => void): Deadline {
  let deadline: Deadline
  const wait = (bytesRead: number): void => {
    deadline = startDeadline(TIMEOUT_MS, () => {
      if (socket.bytesRead === bytesRead) onStuck()
      else wait(socket.bytesRead)
    })
  }
  wait(socket.bytesRead)
  return { clear: () => deadline.clear() }
}

function parseLine(runDir: string, line: string): unknown {
  try {
    return JSON.parse(line) as unknown
  } catch (error) {
    throw unreachable(runDir, 'sent a line that is not JSON', error)
  }
}

function notThere(runDir: string, error: unknown): CniError {
  const code = errnoCode(error)
  const obstacle = code === 'ECONNREFUSED' || code === 'ENOTDIR' ? socketObstacle(runDir) : undefined
  if (obstacle !== undefined)
    return new CniError(CniCode.AgentUnreachable, UNREACHABLE, obstacle, { cause: error })
  if (code === 'ENOENT' || code === 'ECONNREFUSED') return unreachable(runDir, 'is not running', error)
  if (code === 'EACCES' || code === 'EPERM')
    return new CniError(
      CniCode.AgentUnreachable,
      'agent unreachable',
      'only root can connect to it: use sudo',
      {
        cause: error,
      },
    )
  return unreachable(runDir, `cannot be reached (${error instanceof Error ? error.message : ''})`, error)
}

// An agent whose heartbeat is fresh is merely busy. Restarting it would only delay the answer.
function silent(runDir: string, timeoutMs: number, begun: number): CniError {
  const what = `does not answer within ${String(timeoutMs)} ms`
  const quietMs = sinceHeartbeat(runDir)
  if (quietMs === undefined || quietMs > performance.now() - begun)
    return unreachable(runDir, `${what} and writes no heartbeat`)
  return tooLate(
    CniCode.AgentUnreachable,
    UNREACHABLE,
    `the agent of ${socketPath(runDir)} ${what}, but is alive (last heartbeat ${String(quietMs)} ms ago): ` +
      'this machine is busy; try again',
  )
}

function unreachable(runDir: string, what: string, cause?: unknown): CniError {
  return new CniError(
    CniCode.AgentUnreachable,
    UNREACHABLE,
    `the agent of ${socketPath(runDir)} ${what}; (re)start it: systemctl restart flatnet-agent, or ` +
      'flatnet-cni agent where there is no systemd',
    { cause },
  )
}
