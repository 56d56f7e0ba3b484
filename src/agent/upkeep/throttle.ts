// Does one thing immediately, and then no more often than its interval allows.

/**
 * Returns a function that calls `work` immediately, unless `ms` have not passed since the last time. Then all
 * calls until that moment become one.
 */
export function throttle(ms: number, work: () => void): () => void {
  let rest: NodeJS.Timeout | undefined
  let isDue = false
  const run = (): void => {
    isDue = false
    rest = setTimeout(() => {
      rest = undefined
      if (isDue) run()
    }, ms)
    rest.unref()
    work()
  }
  return () => {
    isDue = true
    if (rest === undefined) run()
  }
}
