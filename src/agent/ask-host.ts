// One HTTP request to another host's agent, from one address of ours to one of its own.

import { type IncomingMessage, request, type RequestOptions } from 'node:http'
import { formatIp, type Ip, parseIp } from '../addr/ip.ts'
import type { PeerContact } from './peer.ts'
import { clockAhead } from './peer-clock.ts'

/** Who is asked, and from where: which path the question takes follows from the two addresses. */
export interface Target {
  readonly overlay: Ip
  readonly port: number
  /** This host's own address of the same kind. */
  readonly localAddress: Ip
}

/** How a peer is asked by one lane; undefined when there is no such lane to it. */
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

/** The packets of one request over the nebula link: connection, question, short answer, end, and their acknowledgements. */
export const REQUEST_PACKETS = 12

/** The packets that carry so many bytes, with one acknowledgement for every two of them. */
export function packetsOf(bytes: number): number {
  return Math.ceil(bytes / 1200) * 1.5
}

// From the first packet to the last byte: a tunnel that has to be made first takes its time, and the next round comes.
const WITHIN_MS = 3000

/** What came back, or why nothing did. */
export type Answer = Answered | { readonly why: string }

export interface Answered {
  readonly status: number
  readonly etag: string
  readonly body: Buffer
  /** By how much the other host's clock is ahead (peer-clock.ts); undefined where that cannot be told. */
  readonly clockAheadMs: number | undefined
}

/**
 * One request, answered or given up within {@link WITHIN_MS}; no redirect is followed. Never rejects.
 * @param most bytes of the answer
 */
export function askHost(
  target: Target,
  options: RequestOptions,
  body: string | undefined,
  most: number,
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
    asking.on('response', (response) => {
      const aheadMs = clockAhead(response.headers.date, Date.now(), performance.now() - begun)
      collect(response, most, aheadMs, settle)
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
    // Sent back as it came: nothing that a header cannot hold (RFC 9110, section 8.8.3).
    const { etag = '' } = response.headers
    settle({
      status: response.statusCode ?? 0,
      etag: etag.length <= 100 ? etag : '',
      body: Buffer.concat(chunks),
      clockAheadMs,
    })
  })
}
