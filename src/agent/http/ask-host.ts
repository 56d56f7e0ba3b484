// Sends one HTTP request to another host's agent, from one address of ours to one of its own.

import { type IncomingMessage, request, type RequestOptions } from 'node:http'
import { formatIp, type Ip, parseIp } from '../../addr/ip.ts'
import { startDeadline } from '../../exec/deadline.ts'
import type { PeerContact } from '../peers/peer.ts'
import { clockAhead } from '../peers/peer-clock.ts'

/** The asked host, and the source of the request. The two addresses decide which path the request takes. */
export interface Target {
  readonly overlay: Ip
  readonly port: number
  /** This host's own address of the same kind. */
  readonly localAddress: Ip
}

/** Returns the target on one lane to a peer, or undefined if there is no such lane. */
export function targetAt(
  { ends }: PeerContact,
  lane: 'tunnel' | 'gateway',
  port: number,
): Target | undefined {
  const [overlay, localAddress] = [ends.get(lane)?.to, ends.get(lane)?.from].map((text) =>
    parseIp(text ?? ''),
  )
  return overlay && localAddress && { overlay, localAddress, port }
}

/**
 * The packets of one request on the nebula link: connection, request, short answer, end, and their
 * acknowledgements.
 */
export const REQUEST_PACKETS = 12

/** Returns the number of packets for that many bytes, with one acknowledgement for every two of them. */
export function packetsOf(bytes: number): number {
  return Math.ceil(bytes / 1200) * 1.5
}

// Milliseconds of own time from the first packet to the last byte. A new tunnel takes longer to make, but
// there is another round.
const WITHIN_MS = 3000

/** The limits of an answer: bytes, and milliseconds of own time ({@link WITHIN_MS} by default). */
interface AnswerLimits {
  readonly mostBytes: number
  readonly withinMs?: number
}

/** The answer, or why there is none. */
type Answer = Answered | { readonly why: string }

export interface Answered {
  readonly status: number
  readonly etag: string
  readonly body: Buffer
  /** How far the other host's clock is ahead (peer-clock.ts). Undefined if it cannot be told. */
  readonly clockAheadMs: number | undefined
}

/** Sends one request, which is answered or given up in time. Follows no redirect. Never rejects. */
export function askHost(
  target: Target,
  options: RequestOptions,
  body: string | undefined,
  limits: AnswerLimits,
): Promise<Answer> {
  const { overlay, port, localAddress } = target
  const begun = performance.now()
  return new Promise((resolve) => {
    const asking = request({
      ...options,
      host: formatIp(overlay),
      port,
      localAddress: formatIp(localAddress),
      agent: false,
      maxHeaderSize: 8192,
    })
    const deadline = startDeadline(limits.withinMs ?? WITHIN_MS, () => {
      resolve({ why: 'no answer in time' })
      asking.destroy()
    })
    const settle = (answer: Answer): void => {
      deadline.clear()
      resolve(answer)
      asking.destroy()
    }
    asking.on('error', (error) => settle({ why: error.message }))
    asking.on('close', () => settle({ why: 'connection ended early' }))
    asking.on('response', (response) => {
      const aheadMs = clockAhead(response.headers.date, Date.now(), performance.now() - begun)
      collect(response, limits.mostBytes, aheadMs, settle)
    })
    asking.end(body)
  })
}

function collect(
  response: IncomingMessage,
  most: number,
  clockAheadMs: number | undefined,
  settle: (answer: Answer) => void,
): void {
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
    // The tag is sent back as it came, and may contain only what a header can (RFC 9110, section 8.8.3).
    const { etag = '' } = response.headers
    settle({
      status: response.statusCode ?? 0,
      etag: etag.length <= 100 ? etag : '',
      body: Buffer.concat(chunks),
      clockAheadMs,
    })
  })
}
