// Answers other hosts: GET returns every certificate that this host knows, POST takes the caller's own.

import type { IncomingMessage, ServerResponse } from 'node:http'

import { formatIp } from '../../addr/ip.ts'
import { callerOf } from '../http/http.ts'
import { readBody } from '../http/read-body.ts'
import { MOST_CERTIFICATE_BYTES } from '../../state/agent/learnt-peers.ts'
import type { RenderedList } from './certificate-list.ts'
import { type LearnContext, tooLarge, verifyReceived } from './learn.ts'

/** The source of the answers. */
interface CertificateSource {
  readonly list: () => RenderedList
  readonly context: () => LearnContext
  /** Stores a verified certificate. Resolves to false if there was no room. */
  readonly learn: (pem: string, from: string) => Promise<boolean>
}

/** Sends the list, or 304 to a caller that has it already (RFC 9110, section 13.1.2). */
export function serveList(
  { list }: CertificateSource,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { body, etag } = list()
  response.setHeader('etag', etag)
  response.setHeader('cache-control', 'no-cache')
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304).end()
    return
  }
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body)
}

/**
 * Takes the caller's own certificate. 204: taken or known, 400: not the certificate of a host of this
 * network, 403: from an address that is not in it, 408: too slow, 413: too large, 507: no room.
 */
export async function takeCertificate(
  source: CertificateSource,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const caller = callerOf(request)
  const from = caller === undefined ? 'an unknown address' : formatIp(caller)
  const context = source.context()
  const body = await readBody(request, MOST_CERTIFICATE_BYTES)
  if (body === 413) context.refuse('too-large', from, tooLarge(`certificate from ${from}`))
  if (typeof body === 'number') return end(response, body)
  const peer = verifyReceived(body, from, context, NONE)
  if (peer === undefined) return end(response, 400)
  if (
    caller === undefined ||
    !peer.overlay.some(({ family, value }) => family === caller.family && value === caller.value)
  ) {
    context.refuse(
      'wrong-address',
      peer.fingerprint,
      `certificate of ${JSON.stringify(peer.name)} from ${from}, which is not its overlay address`,
    )
    return end(response, 403)
  }
  end(response, (await source.learn(body, from)) ? 204 : 507)
}

const NONE: ReadonlySet<string> = new Set()

// The unread rest of a body disappears with its connection.
function end(response: ServerResponse, status: number): void {
  response.writeHead(status, status === 204 ? {} : { connection: 'close' }).end()
}
