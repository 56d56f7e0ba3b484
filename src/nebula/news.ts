// What of received certificates is worth keeping.

import { latestOfEach } from './latest.ts'
import type { PeerFacts } from './peer.ts'

/**
 * Those of `received` (verified) that are not among `known` and that nothing newer of the same host supersedes, each
 * once. Clashing subnets are no matter here: every host has to know both to come to the same verdict.
 */
export function newsAmong<Received extends PeerFacts>(
  received: readonly Received[],
  known: readonly PeerFacts[],
): readonly Received[] {
  const there = new Set(known.map(({ fingerprint }) => fingerprint))
  const current = new Set<PeerFacts>(latestOfEach<PeerFacts>([...known, ...received]).current)
  return received.filter(({ fingerprint }, index) => {
    const isFirst = received.findIndex((other) => other.fingerprint === fingerprint) === index
    return isFirst && !there.has(fingerprint) && current.has(received[index] as PeerFacts)
  })
}
