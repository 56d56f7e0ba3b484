// Answers other hosts: GET gives this host's containers, POST takes the caller's own.

import type { IncomingMessage, ServerResponse } from 'node:http'

import { formatIp } from '../../addr/ip.ts'
import { CniError } from '../../cni/error.ts'
import {
  etagOf,
  type HostState,
  MOST_STATE_BYTES,
  parseState,
  renderState,
} from '../../registry/host-state.ts'
import { callerOf } from '../http/http.ts'
import { readBody } from '../http/read-body.ts'
import type { Conversations } from './conversations.ts'
import type { Neighbour } from './neighbour.ts'

/** What the answers come from. */
export interface RegistrySource {
  readonly own: () => HostState
  /** Whether this host's containers are known with their names. */
  readonly isComplete: () => boolean
  /** The host with this overlay address. */
  readonly neighbourAt: (address: string) => Neighbour | undefined
  readonly take: Conversations['take']
  readonly refused: Conversations['refuse']
}

/**
 * Sends this host's state, or 304 to a caller that has it already (RFC 9110, section 13.1.2). 503 before the
 * runtimes have told the containers' names: the caller keeps what it knows.
 */
export function serveState(
  { own, isComplete }: RegistrySource,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (!isComplete()) return end(response, 503)
  const state = own()
  const etag = etagOf(state)
  response.setHeader('etag', etag)
  response.setHeader('cache-control', 'no-cache')
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304).end()
    return
  }
  sendJson(response, 200, renderState(state))
}

/**
 * Takes the caller's state. 204 taken or known, 400 with the problem, 403 if the caller is not a peer,
 * 408 too slow, 409 with the version that is held when it is older, 413 too large.
 */
export async function takeState(
  source: RegistrySource,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const caller = callerOf(request)
  const neighbour = caller === undefined ? undefined : source.neighbourAt(formatIp(caller))
  if (neighbour === undefined) return end(response, 403)
  const body = await readBody(request, MOST_STATE_BYTES)
  if (typeof body === 'number') {
    source.refused(neighbour, body === 413 ? 'too large' : 'not sent in time')
    return end(response, body)
  }
  const { name, subnets } = neighbour.peer.contact.facts
  try {
    const { outcome, held } = source.take(neighbour, parseState(body, subnets, `containers of ${name}`))
    if (outcome !== 'older') return end(response, 204)
    const { epoch, sequence } = held
    sendJson(response, 409, `${JSON.stringify({ version: 1, epoch, sequence })}\n`)
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    source.refused(neighbour, error.details)
    sendJson(response, 400, `${JSON.stringify({ problem: error.details })}\n`)
  }
}

function sendJson(response: ServerResponse, status: number, text: string): void {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
  response.writeHead(status, headers).end(text)
}

// The unread rest of a body disappears with its connection.
function end(response: ServerResponse, status: number): void {
  response.writeHead(status, status === 204 ? {} : { connection: 'close' }).end()
}
