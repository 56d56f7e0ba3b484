// The state machine of Graceful Escalation. Takes an event and what is known, and returns the new state and
// the actions to perform. It decides about one peer and uses no clock, route or socket.

import type { Moment } from './moment.ts'
import { active } from './active.ts'
import { attempting, resting } from './rising.ts'
import type { EscalationEvent, PeerPath, PeerWord, Reading, Reason, Why } from './state.ts'
import { adopt, enter, fall, giveUp, type Step } from './transition.ts'
import { isSilent } from './lane.ts'
import { explains } from './second-thought.ts'
import type { Fault } from './faults.ts'
import { peerLeft } from './word.ts'

/** Returns the initial path of an unknown peer: the gateway path. A `start` event must follow. */
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
    suspectAt: undefined,
    bothSilent: false,
    ready: false,
    canLeave: false,
    peerEpoch: undefined,
    timeouts: 0,
    wasActive: false,
    repaired: false,
  }
}

/** Performs one step. Time never runs backwards from one step to the next. */
export function step(path: PeerPath, event: EscalationEvent, moment: Moment): Step {
  const { now } = moment
  const leave = (reason: Reason, detail: string): Step => abandon(path, { reason, detail }, moment)
  switch (event.kind) {
    case 'reading':
      return onReading(path, event.reading, moment)
    case 'start':
      return start({ ...path, countFrom: now }, event.adopt, moment)
    case 'stop': {
      const why: Why = { reason: 'agent-stop', detail: 'the agent stops' }
      const { path: ended, actions } = enter(path, 'GATEWAY_ONLY', why, now)
      return { path: ended, actions: [{ kind: 'withdraw' }, { kind: 'tell' }, ...actions] }
    }
    case 'link-gone':
      return event.restarted
        ? leave('nebula-restarted', 'the nebula link was recreated')
        : leave('link-gone', 'the nebula link disappeared')
    case 'certificate':
      return leave('certificate', "the peer's certificate has changed or is no longer valid")
    case 'notice':
      return onNotice(path, event.word, moment)
    case 'stall':
      return stalled(path, event.lost, moment)
  }
}

function onReading(path: PeerPath, reading: Reading, moment: Moment): Step {
  // While the process shuts down, the peer must hear nothing except that.
  if (path.reason === 'agent-stop') return { path, actions: [] }
  const canLeave = reading.hasGateway && !isSilent(reading.gateway, path.countFrom, moment)
  const known = { ...path, canLeave }
  switch (path.phase) {
    case 'P2P_ACTIVE':
      return active(known, reading, moment)
    case 'P2P_ATTEMPTING':
      return attempting(known, reading, moment)
    case 'GATEWAY_ONLY':
    case 'GATEWAY_FALLBACK':
      return resting(known, reading, moment)
  }
}

function start(path: PeerPath, isAdopted: boolean, { now, options: { minHoldMs } }: Moment): Step {
  if (isAdopted) return adopt(path, now)
  const held = { ...path, holdUntil: now + minHoldMs }
  const why: Why = { reason: 'agent-start', detail: 'the agent starts' }
  const { path: begun, actions } = enter(held, 'GATEWAY_ONLY', why, now)
  return { path: begun, actions: [{ kind: 'tell' }, ...actions] }
}

// Handles events that make the direct path unusable immediately, regardless of the probes.
function abandon(path: PeerPath, why: Why, moment: Moment): Step {
  switch (path.phase) {
    case 'P2P_ACTIVE':
      return fall(path, why, 0, moment)
    case 'P2P_ATTEMPTING':
      return giveUp(path, why, moment)
    case 'GATEWAY_ONLY':
    case 'GATEWAY_FALLBACK': {
      // The pinned route may have disappeared with the link, so allow one more repair.
      const rested = { ...path, repaired: false }
      return explained(rested, why, moment.now)
    }
  }
}

// Corrects the recorded reason of an earlier fall if this one outranks it.
function explained(path: PeerPath, why: Why, now: number): Step {
  return explains(path, why.reason, now) ? enter(path, path.phase, why, now) : { path, actions: [] }
}

function onNotice(path: PeerPath, word: PeerWord, moment: Moment): Step {
  const left = path.phase === 'P2P_ACTIVE' && path.canLeave ? peerLeft(path, word) : undefined
  if (left === undefined) return { path, actions: [] }
  return fall(path, left, word.holdMs, moment)
}

// Anything that went unanswered while this process was stalled is not the peer's fault.
function stalled(path: PeerPath, isLost: boolean, moment: Moment): Step {
  const { now } = moment
  const fresh = {
    ...path,
    countFrom: now,
    lossFrom: now,
    doubtAt: undefined,
    suspectAt: undefined,
    slowSince: undefined,
    bothSilent: false,
  }
  if (!isLost) return { path: fresh, actions: [] }
  const fault: Fault = {
    reason: 'agent-stalled',
    detail: 'this agent stalled until the route guard removed the direct routes',
  }
  if (path.phase === 'P2P_ACTIVE') return fall(fresh, fault, 0, moment)
  // The peer's notice came first: it was waiting in the socket, which is read before the clock.
  return explained(fresh, fault, now)
}
