// The state machine of Graceful Escalation: what happened and what is known go in, the new state and what has to be
// done come out. It decides about one peer and knows no clock, no route and no socket.

import { active } from './active.ts'
import type { EscalationOptions } from './options.ts'
import { attempting, resting } from './rising.ts'
import type { EscalationEvent, PeerPath, PeerWord, Reading, Reason } from './state.ts'
import { adopt, enter, fall, giveUp, type Step } from './transition.ts'
import { isSilent } from './lane.ts'
import { peerLeft } from './word.ts'

/** The path of a peer of which nothing is known: by the gateway. A `start` has to follow. */
export function restingPath(now: number): PeerPath {
  return {
    phase: 'GATEWAY_ONLY',
    since: now,
    reason: 'agent-start',
    detail: 'nothing measured yet',
    epoch: 0,
    holdUntil: now,
    backoffMs: 0,
    falls: [],
    slowSince: undefined,
    countFrom: now,
    lossFrom: now,
    doubtAt: undefined,
    bothSilent: false,
    ready: false,
    canLeave: false,
    peerEpoch: undefined,
    timeouts: 0,
    wasActive: false,
    repaired: false,
  }
}

/**
 * One step.
 * @param now monotonic milliseconds, never less than in the step before
 * @param random from 0 up to 1, for the jitter of the back-off
 */
export function step(
  path: PeerPath,
  event: EscalationEvent,
  now: number,
  options: EscalationOptions,
  random: () => number,
): Step {
  const leave = (reason: Reason, detail: string): Step => abandon(path, reason, detail, now, options, random)
  switch (event.kind) {
    case 'reading':
      return onReading(path, event.reading, now, options, random)
    case 'start':
      return start({ ...path, countFrom: now }, event.adopt, now, options)
    case 'stop': {
      const { path: ended, actions } = enter(path, 'GATEWAY_ONLY', 'agent-stop', 'the agent ends', now)
      return { path: ended, actions: [{ kind: 'withdraw' }, { kind: 'tell' }, ...actions] }
    }
    case 'link-gone':
      return event.restarted
        ? leave('nebula-restarted', 'the nebula link is another one than before')
        : leave('link-gone', 'the nebula link has gone')
    case 'certificate':
      return leave('certificate', "the peer's certificate is another one than before or no longer good")
    case 'notice':
      return onNotice(path, event.word, now, options, random)
    case 'stall':
      return stalled(path, event.lost, now, options, random)
  }
}

function onReading(
  path: PeerPath,
  reading: Reading,
  now: number,
  options: EscalationOptions,
  random: () => number,
): Step {
  // Until the process has ended, the peer must hear nothing but that it ends.
  if (path.reason === 'agent-stop') return { path, actions: [] }
  const canLeave = reading.hasGateway && !isSilent(reading.gateway, path.countFrom, now, options)
  const known = { ...path, canLeave }
  switch (path.phase) {
    case 'P2P_ACTIVE':
      return active(known, reading, now, options, random)
    case 'P2P_ATTEMPTING':
      return attempting(known, reading, now, options)
    case 'GATEWAY_ONLY':
    case 'GATEWAY_FALLBACK':
      return resting(known, reading, now, options)
  }
}

function start(path: PeerPath, isAdopted: boolean, now: number, { minHoldMs }: EscalationOptions): Step {
  if (isAdopted) return adopt(path, now)
  const held = { ...path, holdUntil: now + minHoldMs }
  const { path: begun, actions } = enter(held, 'GATEWAY_ONLY', 'agent-start', 'the agent begins', now)
  return { path: begun, actions: [{ kind: 'tell' }, ...actions] }
}

// What makes the P2P path unusable at once, whatever the probes say.
function abandon(
  path: PeerPath,
  reason: Reason,
  detail: string,
  now: number,
  options: EscalationOptions,
  random: () => number,
): Step {
  switch (path.phase) {
    case 'P2P_ACTIVE':
      return fall(path, { reason, detail }, 0, now, options, random)
    case 'P2P_ATTEMPTING':
      return giveUp(path, { reason, detail }, now, options)
    case 'GATEWAY_ONLY':
    case 'GATEWAY_FALLBACK':
      // The pinned route may have gone with the link: it may be repaired once more.
      return { path: { ...path, repaired: false }, actions: [] }
  }
}

function onNotice(
  path: PeerPath,
  word: PeerWord,
  now: number,
  options: EscalationOptions,
  random: () => number,
): Step {
  const left = path.phase === 'P2P_ACTIVE' && path.canLeave ? peerLeft(path, word) : undefined
  if (left === undefined) return { path, actions: [] }
  return fall(path, left, word.holdMs, now, options, random)
}

// Whatever was not answered while we stood still is not the peer's fault.
function stalled(
  path: PeerPath,
  isLost: boolean,
  now: number,
  options: EscalationOptions,
  random: () => number,
): Step {
  const fresh = {
    ...path,
    countFrom: now,
    lossFrom: now,
    doubtAt: undefined,
    slowSince: undefined,
    bothSilent: false,
  }
  if (!isLost || path.phase !== 'P2P_ACTIVE') return { path: fresh, actions: [] }
  const detail = 'this agent stood still until the route guard took the P2P routes'
  return fall(fresh, { reason: 'agent-stalled', detail }, 0, now, options, random)
}
