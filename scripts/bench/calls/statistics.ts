// Statistics over a list of measurements. Wall-clock times use the median: one disturbed measurement among
// twenty shifts the mean but not the median.

/** Returns the middle value, or the mean of the two middle ones; NaN for an empty list. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted.length >> 1
  const high = sorted[upper] ?? NaN
  return sorted.length % 2 === 1 ? high : ((sorted[upper - 1] ?? NaN) + high) / 2
}

/** Returns the arithmetic mean; NaN for an empty list. For CPU time, which has a coarse resolution. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/**
 * Returns the median of a[n] / b[n]. The measurements of a pair are within a second of each other, so a
 * temporary slowdown of the machine affects both.
 */
export function pairRatio(a: readonly number[], b: readonly number[]): number {
  return median(a.map((value, index) => value / (b[index] ?? NaN)))
}
