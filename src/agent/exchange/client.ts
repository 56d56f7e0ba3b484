// Asks another host's agent for certificates, and tells it ours. Every answer is bounded in time and size, nothing is
// followed anywhere, and the own overlay address is the source, so that no other interface carries it.

import { type IncomingMessage, request, type RequestOptions } from 'node:http'

import { formatIp, type Ip } from '../../addr/ip.ts'
import { MOST_LIST_BYTES, parseList } from './certificate-list.ts'

/** Whom to talk to. */
export interface Target {
  readonly overlay: Ip
  readonly port: number
  /** This host's own overlay address of the same family. */
  readonly localAddress: Ip
}

/** What came of asking. */
export type Pulled =
  | { readonly kind: 'list'; readonly certificates: readonly string[]; readonly etag: string }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'failed'; readonly why: string }

/** What came of telling; `status` is the other's HTTP status. */
export type Announced =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'failed'; readonly why: string }

/** The path on every agent. */
export const CERTIFICATES_PATH = '/v1/certificates'

// From the first packet to the last byte: a tunnel that has to be made first takes its time, and the next round comes.
const WITHIN_MS = 3000

/** All certificates that the other host knows. @param etag of the list that was pulled last from there. Never rejects. */
export async function pullCertificates(target: Target, etag: string | undefined): Promise<Pulled> {
  const headers = etag === undefined ? {} : { 'if-none-match': etag }
  const answer = await ask(target, { method: 'GET', headers }, undefined, MOST_LIST_BYTES)
  if ('why' in answer) return { kind: 'failed', why: answer.why }
  if (answer.status === 304) return { kind: 'unchanged' }
  if (answer.status !== 200) return { kind: 'failed', why: `status ${String(answer.status)}` }
  const certificates = parseList(answer.body.toString('utf8'))
  if ('problem' in certificates) return { kind: 'failed', why: certificates.problem }
  return { kind: 'list', certificates, etag: answer.etag }
}

/** Tells the other host this one's certificate. Never rejects. */
export async function announce(target: Target, pem: string): Promise<Announced> {
  const headers = { 'content-type': 'application/x-pem-file', 'content-length': Buffer.byteLength(pem) }
  const answer = await ask(target, { method: 'POST', headers }, pem, 65_536)
  if ('why' in answer) return { kind: 'failed', why: answer.why }
  return answer.status === 204 ? { kind: 'taken' } : { kind: 'refused', status: answer.status }
}

type Answer =
  { readonly status: number; readonly etag: string; readonly body: Buffer } | { readonly why: string }

function ask(
  target: Target,
  options: RequestOptions,
  body: string | undefined,
  most: number,
): Promise<Answer> {
  const { overlay, port, localAddress } = target
  return new Promise((resolve) => {
    const asking = request({
      ...options,
      host: formatIp(overlay),
      port,
      path: CERTIFICATES_PATH,
      localAddress: formatIp(localAddress),
      agent: false,
      maxHeaderSize: 8192,
    })
    const timer = setTimeout(() => {
      resolve({ why: 'no answer in time' })
      asking.destroy()
    }, WITHIN_MS)
    const settle = (answer: Answer): void => {
      clearTimeout(timer)
      resolve(answer)
      asking.destroy()
    }
    asking.on('error', (error) => settle({ why: error.message }))
    asking.on('close', () => settle({ why: 'connection ended early' }))
    asking.on('response', (response) => collect(response, most, settle))
    asking.end(body)
  })
}

function collect(response: IncomingMessage, most: number, settle: (answer: Answer) => void): void {
  const chunks: Buffer[] = []
  let bytes = 0
  response.on('error', (error) => settle({ why: error.message }))
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > most) settle({ why: 'answer too large' })
    else chunks.push(chunk)
  })
  response.on('end', () => {
    if (!response.complete) return settle({ why: 'connection ended early' })
    // Sent back as it came: nothing that a header cannot hold (RFC 9110, section 8.8.3).
    const { etag = '' } = response.headers
    settle({
      status: response.statusCode ?? 0,
      etag: etag.length <= 100 ? etag : '',
      body: Buffer.concat(chunks),
    })
  })
}
