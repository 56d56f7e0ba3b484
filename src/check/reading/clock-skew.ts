// Clock skew between two hosts: from when on it deserves a warning, and how it is worded.

// Certificate times are compared to the second. A clock that is minutes off is not synchronised at all.
const WARN_MS = 5000
const FAIL_MS = 300_000

/**
 * Judges the skew of another clock.
 * @param aheadMs how far the other clock is ahead
 * @param unsureMs the error bound of `aheadMs`, in either direction
 */
export function judgeSkew(aheadMs: number, unsureMs: number): 'ok' | 'warn' | 'fail' {
  const skew = Math.abs(aheadMs) - unsureMs
  return skew <= WARN_MS ? 'ok' : skew <= FAIL_MS ? 'warn' : 'fail'
}

/** Returns "7.3 s ahead of". */
export function skewWords(aheadMs: number): string {
  const seconds = Math.abs(aheadMs) / 1000
  return `${seconds.toFixed(seconds < 100 ? 1 : 0)} s ${aheadMs > 0 ? 'ahead of' : 'behind'}`
}

/** Remedies, for the host with the wrong clock. */
export const SKEW_STEPS = [
  'date -u   # on both hosts; the one that is wrong:',
  'timedatectl set-ntp true, or: apt-get install chrony',
  'in WSL2, whose clock stops while Windows sleeps: hwclock -s',
] as const
