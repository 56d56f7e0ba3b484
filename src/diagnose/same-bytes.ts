// Compares files byte by byte, within a time limit.

import { statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { startDeadline } from '../exec/deadline.ts'

// Large enough that a file of 100 MB takes 100 turns of Node's event loop.
const CHUNK_BYTES = 1_048_576

/**
 * Returns a function that compares files with `own`, all of them within `limitMs` of own time
 * (src/exec/deadline.ts).
 * @returns whether the file at a path is the same; undefined where time ran out before its end
 */
export function comparerWith(own: string, limitMs: number): (path: string) => Promise<boolean | undefined> {
  let isOver = false
  let before: Promise<unknown> = Promise.resolve()
  return async (path) => {
    const [one, other] = [statSync(own), statSync(path)]
    if (one.dev === other.dev && one.ino === other.ino) return true
    // Two builds may have the same size; only then are both read, one pair after another.
    if (one.size !== other.size) return false
    const compared = before.then(async () => {
      const { clear } = startDeadline(limitMs, () => (isOver = true))
      try {
        return await haveSameBytes([own, path], () => isOver)
      } finally {
        clear()
      }
    })
    before = compared.catch(() => undefined)
    return compared
  }
}

async function haveSameBytes(
  [own, path]: readonly [string, string],
  isOver: () => boolean,
): Promise<boolean | undefined> {
  const one = await open(own)
  try {
    const other = await open(path)
    try {
      return await compare(one, other, isOver)
    } finally {
      await other.close()
    }
  } finally {
    await one.close()
  }
}

async function compare(
  one: FileHandle,
  other: FileHandle,
  isOver: () => boolean,
): Promise<boolean | undefined> {
  const [a, b] = [Buffer.allocUnsafe(CHUNK_BYTES), Buffer.allocUnsafe(CHUNK_BYTES)]
  while (!isOver()) {
    const [left, right] = await Promise.all([one.read(a, 0, CHUNK_BYTES), other.read(b, 0, CHUNK_BYTES)])
    if (!a.subarray(0, left.bytesRead).equals(b.subarray(0, right.bytesRead))) return false
    if (left.bytesRead === 0) return true
  }
  return undefined
}
