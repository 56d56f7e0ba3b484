// The state machine while traffic is on the P2P path: when to leave it, and when to stay because the gateway path
// is no better.

import { doubtSince } from './doubt.ts'
import type { EscalationOptions } from './options.ts'
import type { PeerPath, Reading } from './state.ts'
import { fall, type Step } from './transition.ts'
import { type Fault, gatewayLives, isDead, qualityFault, silenceFault, slowFrom } from './verdict.ts'
import { agreedEpoch, peerLeft } from './word.ts'

/** What a reading leads to in P2P_ACTIVE. */
export function active(
  earlier: PeerPath,
  reading: Reading,
  now: number,
  options: EscalationOptions,
  random: () => number,
): Step {
  const path = observe(earlier, reading, now, options)
  if (isReturning(path, reading)) {
    // What took both away may give both back: one more burst before traffic is moved.
    return { path: { ...path, doubtAt: now, bothSilent: false, lossFrom: now }, actions: [{ kind: 'burst' }] }
  }
  const fault = faultOf(path, reading, now, options)
  if (fault !== undefined) return fall(path, fault, reading.peer?.holdMs ?? 0, now, options, random)
  const bothSilent = isDead(path, reading, now, options)
  // A burst at the beginning of each doubt, not with each reading.
  const isNewDoubt = path.doubtAt !== undefined && path.doubtAt !== earlier.doubtAt
  return { path: { ...path, bothSilent }, actions: isNewDoubt ? [{ kind: 'burst' }] : [] }
}

// Both paths were silent, and the gateway path is the first to answer.
function isReturning({ bothSilent, doubtAt }: PeerPath, { gateway, hasGateway, linkUp }: Reading): boolean {
  return bothSilent && hasGateway && linkUp && doubtAt !== undefined && gateway.repliedAt >= doubtAt
}

function observe(path: PeerPath, reading: Reading, now: number, options: EscalationOptions): PeerPath {
  const { resetMs, flapWindowMs } = options.backoff
  return {
    ...path,
    lossFrom: path.bothSilent ? now : path.lossFrom,
    doubtAt: doubtSince(path, reading.p2p, now, options),
    slowSince: slowFrom(path, reading, now, options),
    peerEpoch: agreedEpoch(path, reading.peer),
    backoffMs: now - path.since >= resetMs ? 0 : path.backoffMs,
    falls: path.falls.filter((at) => now - at < flapWindowMs),
  }
}

// Undefined: stay, either because all is well or because there is nothing better.
function faultOf(
  path: PeerPath,
  reading: Reading,
  now: number,
  options: EscalationOptions,
): Fault | undefined {
  if (!reading.linkUp) return { reason: 'link-gone', detail: 'the nebula link is not up' }
  if (isDead(path, reading, now, options)) {
    if (gatewayLives(path, reading, now, options)) return silenceFault(path, reading, now, options)
    return agentGone(reading)
  }
  if (!path.canLeave) return undefined
  const left = peerLeft(path, reading.peer)
  if (left !== undefined || path.doubtAt !== undefined) return left
  return qualityFault(path, path.slowSince, reading, now, options)
}

// Both paths are silent. A refusal by the gateway path shows that the peer is there and can be reached by it: the
// resting path needs no agent, the P2P path may not be used without one.
function agentGone({ hasGateway, refused }: Reading): Fault | undefined {
  if (!hasGateway || !refused.gateway) return undefined
  return { reason: 'peer-agent-gone', detail: 'the peer answers, its agent does not: nothing listens there' }
}
