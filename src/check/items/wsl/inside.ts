// What every item of this group begins with.

import type { WslFacts } from '../../facts/wsl.ts'
import type { Finding } from '../../item.ts'

/** Judges inside WSL 2; anywhere else there is nothing to see. */
export function inWsl<Given extends { readonly wsl: WslFacts }>(
  judge: (facts: Given) => Finding | readonly Finding[],
): (facts: Given) => Finding | readonly Finding[] {
  return (facts) =>
    facts.wsl.kind === 'wsl2' ? judge(facts) : { verdict: 'skip', seen: 'this host is not WSL 2' }
}
