// Reads the body of a request or an answer: bounded, and either JSON or empty.

import type { Readable } from 'node:stream'

import { CniCode, CniError } from '../cni/error.ts'

/** The size limit of a request. */
const REQUEST_BYTES = 65_536

/**
 * Reads the whole body; undefined when it is empty.
 * @throws CniError InvalidConfig when it is larger than `mostBytes`, DecodeFailure when it is not valid JSON
 */
export async function readJson(stream: Readable, mostBytes = REQUEST_BYTES): Promise<unknown> {
  const parts: Buffer[] = []
  let bytes = 0
  // Keep the stream alive when reading stops early: the answer still goes out on the same socket.
  for await (const part of stream.iterator({ destroyOnReturn: false })) {
    const buffer = part as Buffer
    bytes += buffer.length
    if (bytes > mostBytes)
      throw new CniError(CniCode.InvalidConfig, 'body too large', `more than ${String(mostBytes)} bytes`)
    parts.push(buffer)
  }
  const text = Buffer.concat(parts).toString('utf8')
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw new CniError(CniCode.DecodeFailure, 'body is not valid JSON', String(error), { cause: error })
  }
}
