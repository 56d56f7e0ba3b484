// The state machine on the way up: from a resting phase to an attempt, and from an attempt to the direct
// path.

import type { Moment } from './moment.ts'
import { isAnswering, isSilent } from './lane.ts'
import { lacks, mayAttempt } from './ready.ts'
import type { PeerPath, Reading } from './state.ts'
import { secondThought } from './second-thought.ts'
import { attempt, enter, giveUp, recover, type Step } from './transition.ts'

/** Handles a reading in GATEWAY_ONLY and GATEWAY_FALLBACK. */
export function resting(earlier: PeerPath, reading: Reading, moment: Moment): Step {
  const { now } = moment
  const path = withoutNeedlessHold(earlier, reading, moment)
  if (mayAttempt(path, reading, moment)) return attempt(path, 'the direct path answers, so it is tried', now)
  const better = secondThought(path, reading, moment)
  if (better !== undefined) return enter(path, path.phase, better, now)
  if (!path.repaired && hasLostItsRoute(path, reading, moment))
    return { path: { ...path, repaired: true }, actions: [{ kind: 'repair' }] }
  return { path, actions: [] }
}

/** Handles a reading in P2P_ATTEMPTING. */
export function attempting(path: PeerPath, reading: Reading, moment: Moment): Step {
  const { now, options } = moment
  const { peer } = reading
  const lack = lacks(reading, moment)
  const agrees = peer !== undefined && (peer.ready || peer.phase === 'P2P_ACTIVE')
  if (lack === undefined && agrees) {
    const detail = `${String(reading.p2p.goodInRow)} probes answered in a row, and the peer agrees`
    return recover(path, peer, detail, now)
  }
  if (!reading.linkUp)
    return giveUp(path, { reason: 'link-gone', detail: 'the nebula link is not up' }, moment)
  // The peer has already moved. Waiting 1.5 times as long costs less than calling it back.
  const patience = peer?.phase === 'P2P_ACTIVE' ? 1.5 : 1
  if (now - path.since >= options.attemptMs * patience) {
    const detail = lack ?? 'the path is not good enough on the side of the peer'
    return giveUp(path, { reason: 'attempt-timeout', detail }, moment)
  }
  return { path: { ...path, ready: lack === undefined }, actions: [] }
}

// Drops a hold-off while the gateway path is dead or missing, because waiting would mean no path at all.
// Timed-out attempts keep their spacing.
function withoutNeedlessHold(path: PeerPath, { hasGateway, gateway }: Reading, moment: Moment): PeerPath {
  const { now } = moment
  if (path.timeouts > 0 || path.holdUntil <= now) return path
  const isNeedless = !hasGateway || isSilent(gateway, path.countFrom, moment)
  return isNeedless ? { ...path, holdUntil: now } : path
}

// Nebula can lose a system route when it reloads its configuration (nebula#1573, before 1.10.1).
function hasLostItsRoute({ countFrom }: PeerPath, { p2p, tunnel, linkUp }: Reading, moment: Moment): boolean {
  return linkUp && isAnswering(tunnel, moment) && isSilent(p2p, countFrom, moment)
}
