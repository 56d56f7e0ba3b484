// Tracks which of the last probes were lost, in two windows.

/** Numbers of probes, each at least 1. */
export interface WindowSizes {
  readonly short: number
  readonly long: number
}

/** The results in a ring (1 means lost), with running sums for both windows. Changes as results arrive. */
export interface LossWindow {
  readonly sizes: WindowSizes
  readonly results: Uint8Array
  /** Number of results so far. The next one goes to slot `count` modulo the ring's size. */
  count: number
  lostShort: number
  lostLong: number
}

export function newWindow(sizes: WindowSizes): LossWindow {
  const results = new Uint8Array(Math.max(sizes.short, sizes.long))
  return { sizes, results, count: 0, lostShort: 0, lostLong: 0 }
}

/** Adds one result and drops the oldest. */
export function addResult(window: LossWindow, isLost: boolean): void {
  const { sizes, results, count } = window
  const lost = isLost ? 1 : 0
  window.lostShort += lost - resultBefore(window, sizes.short)
  window.lostLong += lost - resultBefore(window, sizes.long)
  results[count % results.length] = lost
  window.count += 1
}

/** Discards all results. */
export function clearWindow(window: LossWindow): void {
  window.count = 0
  window.lostShort = 0
  window.lostLong = 0
}

/** Returns the fraction lost in each window, 0 to 1; 0 until the window is full. */
export function lossOf({ sizes, count, lostShort, lostLong }: LossWindow): { short: number; long: number } {
  return {
    short: count < sizes.short ? 0 : lostShort / sizes.short,
    long: count < sizes.long ? 0 : lostLong / sizes.long,
  }
}

function resultBefore({ results, count }: LossWindow, back: number): number {
  return count < back ? 0 : (results[(count - back) % results.length] ?? 0)
}
