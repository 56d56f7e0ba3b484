// Selects the received certificates that are worth keeping.

import { latestOfEach } from './latest-certificates.ts'
import type { PeerFacts } from './peer-facts.ts'

/**
 * Returns the certificates in `received` (verified) that are not among `known` and not superseded by a newer
 * one of the same host, without duplicates. Overlapping subnets do not matter here: every host needs both
 * certificates to reach the same result.
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
