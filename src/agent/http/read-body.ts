// Reads the body of another host's request: bounded in bytes and in time.

import type { IncomingMessage } from 'node:http'

import { startDeadline } from '../../exec/deadline.ts'

// How long a caller may take over sending it, in time of our own.
const BODY_WITHIN_MS = 3000

/** Resolves to the text, or to the status that refuses it: 408 too slow, 413 too large. */
export function readBody(request: IncomingMessage, mostBytes: number): Promise<string | 408 | 413> {
  return new Promise((resolve) => {
    if (Number(request.headers['content-length'] ?? '0') > mostBytes) return resolve(413)
    const chunks: Buffer[] = []
    let bytes = 0
    const deadline = startDeadline(BODY_WITHIN_MS, () => settle(408))
    const settle = (text: string | 408 | 413): void => {
      deadline.clear()
      request.removeAllListeners('data')
      resolve(text)
    }
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > mostBytes) settle(413)
      else chunks.push(chunk)
    })
    request.on('end', () => settle(Buffer.concat(chunks).toString('utf8')))
    request.on('error', () => settle(408))
    request.on('close', () => settle(408))
  })
}
