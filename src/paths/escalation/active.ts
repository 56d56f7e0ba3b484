// The state machine while traffic uses the direct path: when to leave it, and when to stay because the
// gateway path is not better.

import type { Moment } from './moment.ts'
import { doubtSince } from './doubt.ts'
import type { PeerPath, Reading } from './state.ts'
import { fall, type Step } from './transition.ts'
import {
  type Fault,
  gatewayLives,
  heavyLoss,
  isDead,
  isSuspect,
  qualityFault,
  silenceFault,
  slowFrom,
} from './faults.ts'
import { agreedEpoch, peerLeft } from './word.ts'

/** Handles a reading in P2P_ACTIVE. */
export function active(earlier: PeerPath, reading: Reading, moment: Moment): Step {
  const { now } = moment
  const path = observe(earlier, reading, moment)
  if (isReturning(path, reading)) {
    // The same cause may have cut both paths and restored both, so send one more burst before moving traffic.
    return { path: { ...path, doubtAt: now, bothSilent: false, lossFrom: now }, actions: [{ kind: 'burst' }] }
  }
  const fault = faultOf(path, reading, moment)
  if (fault !== undefined) return fall(path, fault, reading.peer?.holdMs ?? 0, moment)
  const bothSilent = isDead(path, reading, moment)
  // Send one burst at the start of each doubt and not with every reading.
  const isNewDoubt = path.doubtAt !== undefined && path.doubtAt !== earlier.doubtAt
  const isNewSuspicion = path.suspectAt !== undefined && path.suspectAt !== earlier.suspectAt
  return { path: { ...path, bothSilent }, actions: isNewDoubt || isNewSuspicion ? [{ kind: 'burst' }] : [] }
}

// True when both paths were silent and the gateway path is the first to answer again.
function isReturning({ bothSilent, doubtAt }: PeerPath, { gateway, hasGateway, linkUp }: Reading): boolean {
  return bothSilent && hasGateway && linkUp && doubtAt !== undefined && gateway.repliedAt >= doubtAt
}

function observe(path: PeerPath, reading: Reading, moment: Moment): PeerPath {
  const { now, options } = moment
  const { resetMs, flapWindowMs } = options.backoff
  return {
    ...path,
    lossFrom: path.bothSilent ? now : path.lossFrom,
    doubtAt: doubtSince(path, reading.p2p, moment),
    suspectAt: suspectSince(path, reading, moment),
    slowSince: slowFrom(path, reading, moment),
    peerEpoch: agreedEpoch(path, reading.peer),
    backoffMs: now - path.since >= resetMs ? 0 : path.backoffMs,
    falls: path.falls.filter((at) => now - at < flapWindowMs),
  }
}

// Returns when the latest burst over heavy loss was sent: once on suspicion, then again while the result is
// inconclusive.
function suspectSince(
  { suspectAt }: PeerPath,
  reading: Reading,
  { now, options: { silenceMs } }: Moment,
): number | undefined {
  if (!isSuspect(reading)) return undefined
  return suspectAt === undefined || now - suspectAt > silenceMs * SUSPECT_PART ? now : suspectAt
}

const SUSPECT_PART = 0.25

// Returns undefined to stay on the direct path, because it works or because nothing better exists.
function faultOf(path: PeerPath, reading: Reading, moment: Moment): Fault | undefined {
  if (!reading.linkUp) return { reason: 'link-gone', detail: 'the nebula link is not up' }
  if (isDead(path, reading, moment)) {
    if (gatewayLives(path, reading, moment)) return silenceFault(path, reading, moment)
    return agentGone(reading)
  }
  if (!path.canLeave) return undefined
  const left = peerLeft(path, reading.peer) ?? heavyLoss(path, reading)
  if (left !== undefined || path.doubtAt !== undefined) return left
  return qualityFault(path, path.slowSince, reading, moment)
}

// Both paths are silent. A refusal on the gateway path shows that the peer is up and reachable there. The
// gateway path works without an agent; the direct path must not be used without one.
function agentGone({ hasGateway, refused }: Reading): Fault | undefined {
  if (!hasGateway || !refused.gateway) return undefined
  return { reason: 'peer-agent-gone', detail: 'the host of the peer answers, but no agent listens there' }
}
