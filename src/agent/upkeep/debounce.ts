// Merges many reasons to do one thing.

/** Returns a function that calls `work` once, `ms` later, for all calls until then. */
export function debounce(ms: number, work: () => void): () => void {
  let timer: NodeJS.Timeout | undefined
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined
      work()
    }, ms)
    timer.unref()
  }
}
