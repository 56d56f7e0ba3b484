// Answers of other resolvers, kept until their time to live is over.

import type { Keepable } from '../../names/message.ts'

interface AnswerCache {
  /** The answer with what is left of its times to live; undefined if there is none any more. */
  readonly get: (key: string) => Buffer | undefined
  readonly put: (key: string, answer: Buffer, keep: Keepable) => void
}

const MOST = 2000

interface Kept extends Keepable {
  readonly answer: Buffer
  readonly at: number
}

/** @param now monotonic milliseconds; for tests */
export function makeAnswerCache(now: () => number = () => performance.now()): AnswerCache {
  const answers = new Map<string, Kept>()
  return {
    get: (key) => {
      const kept = answers.get(key)
      if (kept === undefined) return undefined
      const age = Math.floor((now() - kept.at) / 1000)
      if (age >= kept.ttl) {
        answers.delete(key)
        return undefined
      }
      const copy = Buffer.from(kept.answer)
      for (const at of kept.ttlsAt) copy.writeUInt32BE(Math.max(0, copy.readUInt32BE(at) - age), at)
      return copy
    },
    put: (key, answer, keep) => {
      // A map keeps its order: the oldest one goes.
      if (answers.size >= MOST) for (const oldest of [...answers.keys()].slice(0, 1)) answers.delete(oldest)
      answers.set(key, { ...keep, answer, at: now() })
    },
  }
}
