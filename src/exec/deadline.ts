// Deadlines that count only the time when this process could run. If the process gets no processor for a
// second, a Node timer expires although the answer may be waiting unread. So the time is counted in short
// ticks, each at its nominal length however late it fires. Between two ticks Node reads pending input.

/** The timers of a deadline, passed in so that tests need not wait. */
export interface Timers {
  /** Calls `action` once, after `ms` milliseconds or later. @returns a function that cancels it */
  readonly after: (ms: number, action: () => void) => () => void
}

/** A running deadline. */
export interface Deadline {
  /** Cancels it. */
  readonly clear: () => void
}

// Fifty ticks per deadline, so a late tick hides at most a fiftieth. The bounds keep short deadlines accurate
// to a few milliseconds and long ones cheap.
const TICKS = 50
const SHORTEST_TICK_MS = 5
const LONGEST_TICK_MS = 100

const NODE_TIMERS: Timers = {
  after: (ms, action) => {
    const timer = setTimeout(action, ms)
    return () => clearTimeout(timer)
  },
}

/**
 * Calls `onOver` once this process has waited for `ms` milliseconds, not counting the time when it did not
 * run.
 */
export function startDeadline(ms: number, onOver: () => void, timers: Timers = NODE_TIMERS): Deadline {
  const tickMs = Math.min(LONGEST_TICK_MS, Math.max(SHORTEST_TICK_MS, ms / TICKS))
  let leftMs = ms
  let cancel: () => void
  const wait = (): void => {
    const length = Math.min(tickMs, leftMs)
    cancel = timers.after(length, () => {
      leftMs -= length
      if (leftMs > 0) wait()
      else onOver()
    })
  }
  wait()
  return { clear: () => cancel() }
}
