// Where a request's body ends: what clients say of it, and what they send.

import { pick, type Random } from '../random.ts'

const BODY = 'GET /smuggled HTTP/1.1\r\nHost: web.flatnet.internal\r\nX-Smuggled: 1\r\n\r\n'

/**
 * Returns lengths and codings, right, wrong and both at a time, with a second request as the body.
 * @param other makes that request
 */
export function framing(
  random: Random,
  other: () => string,
): readonly [headers: readonly string[], body: string] {
  const roll = random()
  if (roll < 0.35) return [[], '']
  const body = random() < 0.5 ? BODY : other().slice(0, 20_000)
  const length = `Content-Length: ${String(body.length)}`
  const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
  if (roll < 0.5) return [[length], body]
  if (roll < 0.6) return [['Transfer-Encoding: chunked'], chunked]
  const codings = pick(random, [
    [length, 'Transfer-Encoding: chunked'],
    ['Transfer-Encoding: chunked', length],
    ['Transfer-Encoding: xchunked'],
    ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'],
    ['Transfer-Encoding: identity', length],
    ['Transfer-Encoding : chunked'],
    ['Transfer-Encoding:\x0bchunked'],
    ['Transfer-Encoding: chunked, chunked'],
    ['Transfer-Encoding: gzip, chunked'],
    ['Transfer-Encoding: CHUNKED'],
    ['Transfer_Encoding: chunked'],
    [' Transfer-Encoding: chunked'],
    ['X: y', '\tTransfer-Encoding: chunked'],
    [length, length],
    [length, 'Content-Length: 0'],
    ['Content-Length: 3'],
    ['Content-Length: +3'],
    ['Content-Length: -1'],
    ['Content-Length: 3, 3'],
    ['Content-Length: 0x10'],
    ['Content-Length: 99999999999999999999'],
    ['Content-Length: 9223372036854775807'],
    ['Content-Length: 65537'],
    ['Content-Length: '],
    [length, 'Expect: 100-continue'],
    [length, 'Expect: 200-ok'],
  ])
  const chunks = pick(random, [
    chunked,
    body,
    `0x5\r\nabcde\r\n0\r\n\r\n`,
    `5;ext="\r\nabcde\r\n0\r\n\r\n`,
    `5\r\nabcdeX\r\n0\r\n\r\n`,
    `fffffffffffffffff\r\nabc`,
    `-1\r\nabc\r\n0\r\n\r\n`,
    `5\nabcde\n0\n\n`,
    `0\r\nX-Trailer: a\r\n\r\n${BODY}`,
    `0\r\n\r\n${BODY}`,
    `3\r\nabc\r\n0`,
  ])
  return [random() < 0.5 ? [...codings, 'Transfer-Encoding: chunked'] : codings, chunks]
}
