// The flows' final report, and the figures derived from it. Pure.

/** Times are milliseconds since the flows began; `startedAt` is that moment in Unix milliseconds. */
export interface FlowReport {
  readonly startedAt: number
  /** The longest stall of the client itself. */
  readonly ownGapMs: number
  readonly udp: { readonly sent: number; readonly lost: number; readonly lostAt: readonly number[] }
  readonly tcp: {
    readonly sent: number
    readonly received: number
    readonly isAlive: boolean
    readonly worstStallMs: number
  }
  readonly http: {
    readonly asked: number
    readonly failed: number
    /** Answered, but later than people wait for. */
    readonly late: number
    readonly slowestMs: number
  }
}

/**
 * Returns the longest outage: the time from the first to the last lost datagram of a series, where answers in
 * between last no longer than `mendMs`.
 */
export function longestOutageMs({ udp }: FlowReport, mendMs = 200): number {
  let longest = 0
  let start: number | undefined
  let last: number | undefined
  for (const at of udp.lostAt) {
    if (start === undefined || last === undefined || at - last > mendMs) start = at
    last = at
    longest = Math.max(longest, last - start)
  }
  return longest
}

/** Returns the value at a fraction of the sorted list: 0.5 the median, 0.95 the p95 (nearest rank). */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? NaN
}
