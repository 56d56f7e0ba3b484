// Asks the agent of this host. What it answers is JSON whose shape src/api/views.ts has.

import { type IncomingMessage, request } from 'node:http'

import { CniCode, CniError, errnoCode } from '../cni/error.ts'
import { readJson } from './body.ts'
import { socketPath } from './socket.ts'

export interface AskOptions {
  /** Sent as JSON. */
  readonly body?: unknown
  /** Milliseconds until an answer has begun; 5,000 when left out. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** `method` is GET when left out. */
export interface FollowOptions extends AskOptions {
  readonly method?: Method
}

type Method = 'GET' | 'POST' | 'DELETE'

// Far more than the agent ever says, for whoever stands in for it.
const ANSWER_BYTES = 64 * 1024 * 1024
const LINE_LENGTH = 1024 * 1024
const TIMEOUT_MS = 5_000

/**
 * One question, one answer.
 * @param path with its query: "/v1/path?peer=host-b"
 * @throws CniError AgentUnreachable when no agent answers, or the error that the agent answers with
 */
export async function askAgent(
  runDir: string,
  method: Method,
  path: string,
  options: AskOptions = {},
): Promise<unknown> {
  const answer = await open(runDir, method, path, options, 'application/json')
  return await readAnswer(runDir, answer)
}

/**
 * What the agent tells from now on, item by item; ends when the agent ends. Aborting `signal` ends it too.
 * @throws as {@link askAgent}
 */
export async function* followAgent(
  runDir: string,
  path: string,
  options: FollowOptions = {},
): AsyncGenerator<unknown, void> {
  const ended = (error: unknown) => options.signal?.aborted === true || errnoCode(error) === 'ECONNRESET'
  try {
    const answer = await open(runDir, options.method ?? 'GET', path, options, 'application/jsonl')
    for await (const line of linesOf(runDir, answer)) yield parseLine(runDir, line)
  } catch (error) {
    // The agent ended in the middle of a line, or the caller had enough.
    if (!ended(error)) throw error
  }
}

async function* linesOf(runDir: string, answer: IncomingMessage): AsyncGenerator<string, void> {
  let rest = ''
  for await (const part of answer.setEncoding('utf8')) {
    const lines = (rest + String(part)).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > LINE_LENGTH) throw unreachable(runDir, 'sends a line without an end')
    for (const line of lines) if (line !== '') yield line
  }
}

function open(
  runDir: string,
  method: Method,
  path: string,
  { body, timeoutMs = TIMEOUT_MS, signal }: AskOptions,
  type: string,
): Promise<IncomingMessage> {
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
    const timer = setTimeout(
      () => asked.destroy(unreachable(runDir, `does not answer within ${String(timeoutMs)} ms`)),
      timeoutMs,
    )
    asked.on('response', (answer) => {
      clearTimeout(timer)
      if (answer.headers['flatnet-api'] !== '1') {
        asked.destroy(unreachable(runDir, 'is not flatnet-cni: it answers something else'))
      } else if (answer.statusCode === 200 && answer.headers['content-type'] === type) resolve(answer)
      else
        readAnswer(runDir, answer).then(() => reject(unreachable(runDir, 'answers something else')), reject)
    })
    asked.on('error', (error) => {
      clearTimeout(timer)
      reject(error instanceof CniError || signal?.aborted === true ? error : notThere(runDir, error))
    })
    asked.end(text)
  })
}

async function readAnswer(runDir: string, answer: IncomingMessage): Promise<unknown> {
  answer.setTimeout(TIMEOUT_MS, () => answer.destroy())
  const value = await readJson(answer, ANSWER_BYTES).catch((error: unknown) => {
    throw unreachable(runDir, 'broke off in the middle of its answer', error)
  })
  answer.destroy()
  if (typeof value !== 'object' || value === null) throw unreachable(runDir, 'answers something else')
  if (answer.statusCode === 200) return value
  const { error } = value as { error?: { code?: unknown; message?: unknown; details?: unknown } }
  const code = Object.values(CniCode).find((one) => one === error?.code) ?? CniCode.Internal
  const text = (told: unknown) => (typeof told === 'string' ? told : '')
  throw new CniError(code, text(error?.message) || 'the agent refuses', text(error?.details))
}

function parseLine(runDir: string, line: string): unknown {
  try {
    return JSON.parse(line) as unknown
  } catch (error) {
    throw unreachable(runDir, 'sends a line that is no JSON', error)
  }
}

function notThere(runDir: string, error: unknown): CniError {
  const code = errnoCode(error)
  if (code === 'ENOENT' || code === 'ECONNREFUSED') return unreachable(runDir, 'does not run', error)
  if (code === 'EACCES' || code === 'EPERM')
    return new CniError(CniCode.AgentUnreachable, 'agent unreachable', 'only root may ask it: use sudo', {
      cause: error,
    })
  return unreachable(runDir, `cannot be asked (${error instanceof Error ? error.message : ''})`, error)
}

function unreachable(runDir: string, what: string, cause?: unknown): CniError {
  return new CniError(
    CniCode.AgentUnreachable,
    'agent unreachable',
    `the agent of ${socketPath(runDir)} ${what}; (re)start it: systemctl restart flatnet-agent, or ` +
      'flatnet-cni agent where there is no systemd',
    { cause },
  )
}
