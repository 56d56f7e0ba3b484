// One small text over HTTP, bounded in time and size.

import { get } from 'node:http'

const MOST_BYTES = 4_194_304

/** @throws Error with the reason in a few words */
export function fetchText(url: string, limitMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = get(url, { timeout: limitMs, agent: false }, (response) => {
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
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${String(limitMs)} ms`)))
    outgoing.on('error', reject)
  })
}
