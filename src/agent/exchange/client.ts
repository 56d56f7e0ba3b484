// Asks another host's agent for certificates, and announces ours. Every answer is bounded in time and
// size, and no redirect is followed. The source is our own overlay address, so no other interface
// carries the request.

import { type Answered, askHost, type Target } from '../http/ask-host.ts'
import { MOST_LIST_BYTES, parseList, type ReceivedList } from './certificate-list.ts'

type Clock = Pick<Answered, 'clockAheadMs'>

/** The result of a request for certificates. */
type Pulled =
  | ({ readonly kind: 'list'; readonly etag: string } & ReceivedList & Clock)
  | ({ readonly kind: 'unchanged' } & Clock)
  | { readonly kind: 'failed'; readonly why: string }

/** The result of an announcement. `status` is the other host's HTTP status. */
type Announced =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'failed'; readonly why: string }

/** The path on every agent. */
export const CERTIFICATES_PATH = '/v1/certificates'

/**
 * Asks for all certificates that the other host knows. Never rejects.
 * @param etag of the list last pulled from there
 */
export async function pullCertificates(target: Target, etag: string | undefined): Promise<Pulled> {
  const headers = etag === undefined ? {} : { 'if-none-match': etag }
  const answer = await askHost(target, { method: 'GET', path: CERTIFICATES_PATH, headers }, undefined, {
    mostBytes: MOST_LIST_BYTES,
  })
  if ('why' in answer) return { kind: 'failed', why: answer.why }
  const { clockAheadMs } = answer
  if (answer.status === 304) return { kind: 'unchanged', clockAheadMs }
  if (answer.status !== 200) return { kind: 'failed', why: `status ${String(answer.status)}` }
  const list = parseList(answer.body.toString('utf8'))
  if ('problem' in list) return { kind: 'failed', why: list.problem }
  return { kind: 'list', ...list, etag: answer.etag, clockAheadMs }
}

/** The path of statements on every agent. */
export const STATEMENTS_PATH = '/v1/statements'

/** Announces this host's certificate to the other host. Never rejects. */
export function announce(target: Target, pem: string): Promise<Announced> {
  return post(target, CERTIFICATES_PATH, { type: 'application/x-pem-file', text: pem })
}

/** Passes a statement on to the other host. Never rejects. */
export function passOn(target: Target, text: string): Promise<Announced> {
  return post(target, STATEMENTS_PATH, { type: 'application/json', text })
}

async function post(
  target: Target,
  path: string,
  { type, text }: { readonly type: string; readonly text: string },
): Promise<Announced> {
  const headers = { 'content-type': type, 'content-length': Buffer.byteLength(text) }
  const answer = await askHost(target, { method: 'POST', path, headers }, text, { mostBytes: 65_536 })
  if ('why' in answer) return { kind: 'failed', why: answer.why }
  return answer.status === 204 ? { kind: 'taken' } : { kind: 'refused', status: answer.status }
}
