// One piece of work for everybody who asks: other hosts may ask as often as they like, and each answer would cost processes.

// What somebody is shown may be as old.
const KEPT_MS = 1000

/** The same as `work`, done once at a time: whoever asks meanwhile, or within a second of the answer, gets that answer. */
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
      // What has failed is tried again by the next one.
      if (running === mine) running = undefined
    })
    return mine
  }
}
