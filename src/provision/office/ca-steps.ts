// What the ledger says of the change from one CA to the next. Its steps: hosts are to trust the new CA, too;
// the new CA signs; hosts are to trust the earlier one no longer.

import type { CaStep, LedgerEntry } from './ledger.ts'

/** Returns all steps so far, in order. */
export function stepsOf(entries: readonly LedgerEntry[]): readonly CaStep[] {
  return entries.filter((entry) => entry.kind === 'ca')
}

/** Returns the last step; undefined for an office that has its first CA. */
export function lastStep(entries: readonly LedgerEntry[]): CaStep | undefined {
  return stepsOf(entries).at(-1)
}

/** Returns the CAs that hosts are to trust, the one that signs first; undefined stands for the first CA. */
export function trustedAuthorities(entries: readonly LedgerEntry[]): readonly (string | undefined)[] {
  const last = lastStep(entries)
  if (last === undefined) return [undefined]
  const { step, fingerprint, earlier } = last
  if (step === 'retire') return [fingerprint]
  return step === 'introduce' ? [earlier, fingerprint] : [fingerprint, earlier]
}
