// The smoothed round trip and its variation (RFC 6298, section 2).

const ALPHA = 1 / 8
const BETA = 1 / 4
// RFC 6298, 2.1: the value to assume before the first measurement.
const UNKNOWN_MS = 1000

export interface RoundTrip {
  readonly smoothedMs: number
  readonly variationMs: number
}

/** Returns the round trip after one more measurement. `before` is undefined for the first one. */
export function measured(before: RoundTrip | undefined, rttMs: number): RoundTrip {
  if (before === undefined) return { smoothedMs: rttMs, variationMs: rttMs / 2 }
  const { smoothedMs, variationMs } = before
  return {
    // RFC 6298, 2.3: the variation uses the old average.
    variationMs: (1 - BETA) * variationMs + BETA * Math.abs(smoothedMs - rttMs),
    smoothedMs: (1 - ALPHA) * smoothedMs + ALPHA * rttMs,
  }
}

/** Returns how long an answer may plausibly take, in milliseconds. */
export function longest(roundTrip: RoundTrip | undefined): number {
  return roundTrip === undefined ? UNKNOWN_MS : roundTrip.smoothedMs + 4 * roundTrip.variationMs
}
