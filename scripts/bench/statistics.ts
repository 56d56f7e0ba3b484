// The few figures the bench needs of a list of measurements. Medians for times on the clock: one disturbed measurement
// among twenty moves a mean, and not a median.

/** Middle value, of an even number the mean of the two in the middle; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted.length >> 1
  const high = sorted[upper] ?? NaN
  return sorted.length % 2 === 1 ? high : ((sorted[upper - 1] ?? NaN) + high) / 2
}

/** Arithmetic mean; NaN of nothing. For processor time, which is known in coarse steps only. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/**
 * Median of a[n] / b[n]. The two of a pair were measured within a second of each other, so what slows the machine down
 * for a while slows both.
 */
export function pairRatio(a: readonly number[], b: readonly number[]): number {
  return median(a.map((value, index) => value / (b[index] ?? NaN)))
}
