// Two clocks that differ: from when on that is worth a word, and in which words.

// Certificates' times are compared by seconds; minutes off is a clock that nobody sets.
const WARN_MS = 5000
const FAIL_MS = 300_000

/** @param aheadMs of the other clock @param unsureMs by how much that may be wrong either way */
export function judgeSkew(aheadMs: number, unsureMs: number): 'ok' | 'warn' | 'fail' {
  const skew = Math.abs(aheadMs) - unsureMs
  return skew <= WARN_MS ? 'ok' : skew <= FAIL_MS ? 'warn' : 'fail'
}

/** "7.3 s ahead of" */
export function skewWords(aheadMs: number): string {
  const seconds = Math.abs(aheadMs) / 1000
  return `${seconds.toFixed(seconds < 100 ? 1 : 0)} s ${aheadMs > 0 ? 'ahead of' : 'behind'}`
}

/** What to do about it, on the host whose clock is wrong. */
export const SKEW_STEPS = [
  'date -u   # on both hosts; the one that is wrong:',
  'timedatectl set-ntp true, or: apt-get install chrony',
  'in WSL2, whose clock stands still while Windows sleeps: hwclock -s',
] as const
