// What the peer's word means while this host uses the direct path.

import type { PeerPath, PeerWord } from './state.ts'
import type { Fault } from './faults.ts'

/**
 * Returns the fault if the peer has left the direct path. When the peer agreed, its word said P2P_ATTEMPTING.
 * So a resting phase is either newer, or comes from a restarted agent that counts its epochs from the
 * beginning.
 */
export function peerLeft({ peerEpoch }: PeerPath, word: PeerWord | undefined): Fault | undefined {
  if (word === undefined || isWithUs(word)) return undefined
  const isAnew = word.reason === 'agent-start' || (peerEpoch !== undefined && word.epoch < peerEpoch)
  const detail = isAnew
    ? "the peer's agent restarted, and starts on the gateway path"
    : `the peer left the direct path: ${word.reason}`
  return { reason: 'peer-said', detail, cause: word.reason }
}

/** Returns the epoch to compare later words with. */
export function agreedEpoch({ peerEpoch }: PeerPath, word: PeerWord | undefined): number | undefined {
  if (word === undefined) return undefined
  return isWithUs(word) ? word.epoch : peerEpoch
}

function isWithUs({ phase }: PeerWord): boolean {
  return phase === 'P2P_ACTIVE' || phase === 'P2P_ATTEMPTING'
}
