// What the peer's own word means for us while we are on the P2P path.

import type { PeerPath, PeerWord } from './state.ts'
import type { Fault } from './verdict.ts'

/**
 * The fault when the peer has left the P2P path. Its word of the time when it agreed says an attempt; a resting phase
 * is either newer than that or comes from an agent that has begun anew and counts its epochs from the beginning.
 */
export function peerLeft({ peerEpoch }: PeerPath, word: PeerWord | undefined): Fault | undefined {
  if (word === undefined || isWithUs(word)) return undefined
  const isAnew = word.reason === 'agent-start' || (peerEpoch !== undefined && word.epoch < peerEpoch)
  const detail = isAnew
    ? "the peer's agent was started anew and begins on the gateway path"
    : `the peer has left the P2P path: ${word.reason}`
  return { reason: 'peer-said', detail, cause: word.reason }
}

/** The epoch to compare later words with. */
export function agreedEpoch({ peerEpoch }: PeerPath, word: PeerWord | undefined): number | undefined {
  if (word === undefined) return undefined
  return isWithUs(word) ? word.epoch : peerEpoch
}

function isWithUs({ phase }: PeerWord): boolean {
  return phase === 'P2P_ACTIVE' || phase === 'P2P_ATTEMPTING'
}
