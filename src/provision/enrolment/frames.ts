// Messages on a channel: one JSON object a line, in UTF-8.

import { CniCode, CniError } from '../../cni/error.ts'
import { isObject, type JsonObject } from '../../json.ts'

const NEWLINE = 0x0a

/** Returns a message as it is sent. */
export function frame(message: object): string {
  return `${JSON.stringify(message)}\n`
}

/**
 * Yields the messages of a stream of bytes. Ends with the stream.
 * @param from who sends, for errors: "the office"
 * @param mostBytes of one message
 * @throws CniError DecodeFailure for a message that is too large, cut off, or no object in JSON
 */
export async function* messagesOf(
  chunks: AsyncIterable<Buffer>,
  from: string,
  mostBytes: number,
): AsyncGenerator<JsonObject, void> {
  let parts: Buffer[] = []
  let size = 0
  for await (const chunk of chunks) {
    let rest = chunk
    for (let end = rest.indexOf(NEWLINE); end !== -1; end = rest.indexOf(NEWLINE)) {
      if (size + end > mostBytes) throw tooLarge(from, mostBytes)
      yield messageOf(Buffer.concat([...parts, rest.subarray(0, end)]), from)
      ;[parts, size] = [[], 0]
      rest = rest.subarray(end + 1)
    }
    size += rest.length
    if (size > mostBytes) throw tooLarge(from, mostBytes)
    if (rest.length > 0) parts.push(rest)
  }
  if (size > 0) throw unreadable(from, 'a message was cut off')
}

/** Reads one message. Errors quote nothing of it. @throws CniError DecodeFailure */
function messageOf(bytes: Uint8Array, from: string): JsonObject {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (isObject(value)) return value
  } catch {
    // The parser's own message quotes the text.
  }
  throw unreadable(from, 'a message is not one object in JSON')
}

function tooLarge(from: string, mostBytes: number): CniError {
  return unreadable(from, `a message has more than ${String(mostBytes)} bytes`)
}

/** The error for what no flatnet-cni of this version sends. */
export function unreadable(from: string, why: string): CniError {
  return new CniError(
    CniCode.DecodeFailure,
    'message not readable',
    `from ${from}: ${why}; use the same version of flatnet-cni on both sides, and run the same command again`,
  )
}
