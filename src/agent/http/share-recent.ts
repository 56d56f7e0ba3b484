// Shares one piece of work between all callers. Other hosts may ask as often as they like, and each answer
// costs processes.

// The age that an answer may have.
const KEPT_MS = 1000

/**
 * Returns a function that does `work` once at a time. A call in the meantime, or within a second of the
 * answer, gets that answer.
 */
export function shared<Result>(
  work: () => Promise<Result>,
  now: () => number = () => performance.now(),
): () => Promise<Result> {
  let running: Promise<Result> | undefined
  let answeredAt = Infinity
  return () => {
    if (running !== undefined && now() - answeredAt <= KEPT_MS) return running
    answeredAt = Infinity
    const mine = work()
    running = mine
    const end = (): void => {
      answeredAt = now()
    }
    mine.then(end, () => {
      // The next call tries again what has failed.
      if (running === mine) running = undefined
    })
    return mine
  }
}
