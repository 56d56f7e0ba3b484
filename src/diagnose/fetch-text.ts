// Fetches one short text over HTTP, bounded in time and size.

import { get } from 'node:http'
import { CniCode } from '../cni/error.ts'
import { tooLate } from '../cni/late.ts'
import { startDeadline } from '../exec/deadline.ts'

const MOST_BYTES = 4_194_304

/**
 * Returns the body of the answer.
 * @throws Error with a short reason; an error for lateness (src/cni/late.ts) names the address
 */
export function fetchText(url: string, limitMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const deadline = startDeadline(limitMs, () => {
      const message = `no answer within ${String(limitMs)} ms`
      outgoing.destroy(tooLate(CniCode.TryAgainLater, message, `${url}: ${message}`))
    })
    const outgoing = get(url, { agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
        if (text.length > MOST_BYTES) outgoing.destroy(new Error('the answer is too long'))
      })
      response.on('error', reject)
      response.on('end', () =>
        response.statusCode === 200
          ? resolve(text)
          : reject(new Error(`status ${String(response.statusCode)}`)),
      )
    })
    outgoing.on('error', reject)
    outgoing.on('close', deadline.clear)
  })
}
