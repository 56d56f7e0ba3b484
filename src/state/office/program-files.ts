// Reads programs that an office hands to hosts.

import { createHash } from 'node:crypto'
import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs'
import { failureAt } from '../../cni/io-failure.ts'
import {
  HEAD_BYTES,
  type Machine,
  machineOf,
  MOST_PROGRAM_BYTES,
  PIECE_BYTES,
} from '../../provision/enrolment/programs.ts'

/** Returns the processor that a file is for; undefined for other files. @throws CniError */
export function machineAt(path: string): Machine | undefined {
  try {
    if (statSync(path).size > MOST_PROGRAM_BYTES) return undefined
    const file = openSync(path, 'r')
    try {
      const head = Buffer.alloc(HEAD_BYTES)
      return readSync(file, head) === HEAD_BYTES ? machineOf(head) : undefined
    } finally {
      closeSync(file)
    }
  } catch (error) {
    throw unreadable(path, error)
  }
}

/** Returns the size and hash of a file. @throws CniError IoFailure */
export async function measure(path: string): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const sum = createHash('sha256')
  let bytes = 0
  for await (const piece of piecesAt(path)) {
    sum.update(piece)
    bytes += piece.length
  }
  return { bytes, sha256: sum.digest('hex') }
}

/** Yields the bytes of a file in pieces that fit a message. @throws CniError IoFailure */
export async function* piecesAt(path: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path, { highWaterMark: PIECE_BYTES }) as AsyncIterable<Buffer>
  } catch (error) {
    throw unreadable(path, error)
  }
}

function unreadable(path: string, error: unknown): unknown {
  return failureAt(path, error, {
    message: 'cannot read',
    adviceOf: () => 'hosts that lack it get this program; name another folder with --nebula DIR',
  })
}
