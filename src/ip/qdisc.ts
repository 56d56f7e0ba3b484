// tc-tbf(8): a token bucket filter on a link, as data.

/**
 * Limits the rate that a link sends at.
 * Equivalent to: `tc qdisc replace dev DEV root tbf rate RATEbit burst BYTES latency 25ms`
 * @param limit bits per second, and bits
 * @param mtuBytes largest packet of the link; a smaller bucket would let no packet through
 */
export function qdiscLimit(
  dev: string,
  limit: { readonly rate: number; readonly burst: number },
  mtuBytes: number,
): readonly string[] {
  const burst = Math.floor(Math.min(limit.burst, limit.rate * LONGEST_BURST_SECONDS, MOST_BURST_BITS) / 8)
  const bytes = Math.max(burst, 2 * mtuBytes)
  const bucket = ['rate', `${String(limit.rate)}bit`, 'burst', String(bytes), 'latency', '25ms']
  return ['qdisc', 'replace', 'dev', dev, 'root', 'tbf', ...bucket]
}

// The kernel stores the bucket as 32 bits of ticks of 64 ns (net/pkt_sched.h, PSCHED_SHIFT), at most 274 s,
// and as 32 bits of bytes. Kubernetes sends 4294967295 for "unlimited".
const LONGEST_BURST_SECONDS = 120
const MOST_BURST_BITS = 2 ** 33
