// The state machine on the way up: from a resting phase to an attempt, and from an attempt to the P2P path.

import { isAnswering, isSilent } from './lane.ts'
import type { EscalationOptions } from './options.ts'
import { lacks, mayAttempt } from './ready.ts'
import type { PeerPath, Reading } from './state.ts'
import { secondThought } from './second-thought.ts'
import { attempt, enter, giveUp, recover, type Step } from './transition.ts'

/** What a reading leads to in GATEWAY_ONLY and GATEWAY_FALLBACK. */
export function resting(earlier: PeerPath, reading: Reading, now: number, options: EscalationOptions): Step {
  const path = withoutNeedlessHold(earlier, reading, now, options)
  if (mayAttempt(path, reading, now, options)) return attempt(path, 'the P2P path answers: it is tried', now)
  const better = secondThought(path, reading, now, options)
  if (better !== undefined) return enter(path, path.phase, better.reason, better.detail, now)
  if (!path.repaired && hasLostItsRoute(path, reading, now, options))
    return { path: { ...path, repaired: true }, actions: [{ kind: 'repair' }] }
  return { path, actions: [] }
}

/** What a reading leads to in P2P_ATTEMPTING. */
export function attempting(path: PeerPath, reading: Reading, now: number, options: EscalationOptions): Step {
  const { peer } = reading
  const lack = lacks(reading, now, options)
  const agrees = peer !== undefined && (peer.ready || peer.phase === 'P2P_ACTIVE')
  if (lack === undefined && agrees) {
    const detail = `${String(reading.p2p.goodInRow)} probes answered in a row, and the peer agrees`
    return recover(path, peer, detail, now)
  }
  if (!reading.linkUp)
    return giveUp(path, { reason: 'link-gone', detail: 'the nebula link is not up' }, now, options)
  // The peer has moved already: half as long again costs less than to call it back.
  const patience = peer?.phase === 'P2P_ACTIVE' ? 1.5 : 1
  if (now - path.since >= options.attemptMs * patience) {
    const detail = lack ?? 'the peer does not find its side good enough'
    return giveUp(path, { reason: 'attempt-timeout', detail }, now, options)
  }
  return { path: { ...path, ready: lack === undefined }, actions: [] }
}

// While the gateway path is dead or there is none, waiting means no path at all. Attempts that ran out of time are
// spaced all the same.
function withoutNeedlessHold(
  path: PeerPath,
  { hasGateway, gateway }: Reading,
  now: number,
  options: EscalationOptions,
): PeerPath {
  if (path.timeouts > 0 || path.holdUntil <= now) return path
  const isNeedless = !hasGateway || isSilent(gateway, path.countFrom, now, options)
  return isNeedless ? { ...path, holdUntil: now } : path
}

// Nebula can lose a system route when it reloads its configuration (nebula#1573, before 1.10.1).
function hasLostItsRoute(
  { countFrom }: PeerPath,
  { p2p, tunnel, linkUp }: Reading,
  now: number,
  options: EscalationOptions,
): boolean {
  return linkUp && isAnswering(tunnel, now, options) && isSilent(p2p, countFrom, now, options)
}
