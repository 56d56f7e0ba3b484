// The smoothed round trip and how much it varies (RFC 6298, section 2).

const ALPHA = 1 / 8
const BETA = 1 / 4
// RFC 6298, 2.1: what is assumed before anything is known.
const UNKNOWN_MS = 1000

export interface RoundTrip {
  readonly smoothedMs: number
  readonly variationMs: number
}

/** The round trip after one more measurement; `before` is undefined at the first one. */
export function measured(before: RoundTrip | undefined, rttMs: number): RoundTrip {
  if (before === undefined) return { smoothedMs: rttMs, variationMs: rttMs / 2 }
  const { smoothedMs, variationMs } = before
  return {
    // 2.3: the variation is of the old average.
    variationMs: (1 - BETA) * variationMs + BETA * Math.abs(smoothedMs - rttMs),
    smoothedMs: (1 - ALPHA) * smoothedMs + ALPHA * rttMs,
  }
}

/** How long an answer takes at most in all likelihood, milliseconds. */
export function longest(roundTrip: RoundTrip | undefined): number {
  return roundTrip === undefined ? UNKNOWN_MS : roundTrip.smoothedMs + 4 * roundTrip.variationMs
}
