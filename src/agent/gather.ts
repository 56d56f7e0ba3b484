// Many reasons to do one thing, which is done once.

/** Calls once, `ms` later, for everything that comes until then. */
export function gather(ms: number, call: () => void): () => void {
  let timer: NodeJS.Timeout | undefined
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined
      call()
    }, ms)
    timer.unref()
  }
}
