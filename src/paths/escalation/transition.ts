// Phase changes: the path afterwards, and the actions in order.

import type { Moment } from './moment.ts'
import { attemptHoldMs, penaltyOf } from './backoff.ts'
import type { EscalationAction, PeerPath, PeerWord, Phase, Why } from './state.ts'
import { BY_SILENCE } from './second-thought.ts'
import type { Fault } from './faults.ts'

/** The result of a step. */
export interface Step {
  readonly path: PeerPath
  readonly actions: readonly EscalationAction[]
}

/** Leaves P2P_ACTIVE. The route is withdrawn first; everything else can wait. */
export function fall(path: PeerPath, fault: Fault, peerHoldMs: number, moment: Moment): Step {
  const penalty = penaltyOf(path, fault.reason, peerHoldMs, moment)
  const step = enter({ ...path, ...penalty, timeouts: 0 }, 'GATEWAY_FALLBACK', fault, moment.now)
  const isRepair = fault.reason === 'container-path'
  // No decision waits for this burst. Its answers explain the fall (second-thought.ts).
  const isOpen = BY_SILENCE.includes(fault.cause ?? fault.reason)
  return {
    path: { ...step.path, repaired: isRepair },
    actions: [
      { kind: 'withdraw' },
      { kind: 'tell' },
      ...(isRepair ? [{ kind: 'repair' } as const] : []),
      ...step.actions,
      ...(isOpen ? [{ kind: 'burst' } as const] : []),
    ],
  }
}

/** Starts an attempt. */
export function attempt(path: PeerPath, detail: string, now: number): Step {
  return told(enter(path, 'P2P_ATTEMPTING', { reason: 'attempt', detail }, now))
}

/**
 * Ends a failed attempt. The wait grows with the number of timed-out attempts; the back-off stays the same.
 */
export function giveUp(path: PeerPath, fault: Fault, { now, options }: Moment): Step {
  const timeouts = path.timeouts + (fault.reason === 'attempt-timeout' ? 1 : 0)
  const holdUntil = now + attemptHoldMs(Math.max(1, timeouts), options)
  const phase = path.wasActive ? 'GATEWAY_FALLBACK' : 'GATEWAY_ONLY'
  return told(enter({ ...path, timeouts, holdUntil }, phase, fault, now))
}

/** Moves to the direct path. The route comes first, because the gateway path keeps working meanwhile. */
export function recover(path: PeerPath, word: PeerWord, detail: string, now: number): Step {
  const step = activate({ ...path, peerEpoch: word.epoch }, { reason: 'recovered', detail }, now)
  return { path: step.path, actions: [{ kind: 'install' }, ...step.actions, { kind: 'tell' }] }
}

/** Takes over a direct route that existed before the agent started. */
export function adopt(path: PeerPath, now: number): Step {
  const why: Why = { reason: 'adopted', detail: 'the direct route was already installed' }
  const step = activate({ ...path, peerEpoch: undefined }, why, now)
  return { path: step.path, actions: [{ kind: 'install' }, ...step.actions, { kind: 'tell' }] }
}

function activate(path: PeerPath, why: Why, now: number): Step {
  const active = {
    ...path,
    timeouts: 0,
    wasActive: true,
    repaired: false,
    countFrom: now,
    lossFrom: now,
  }
  const step = enter(active, 'P2P_ACTIVE', why, now)
  return { path: { ...step.path, ready: true }, actions: step.actions }
}

/** Enters the new phase and records the transition, nothing else. */
export function enter(path: PeerPath, to: Phase, { reason, detail }: Why, now: number): Step {
  const epoch = path.epoch + 1
  return {
    path: {
      ...path,
      phase: to,
      since: now,
      reason,
      detail,
      epoch,
      slowSince: undefined,
      doubtAt: undefined,
      suspectAt: undefined,
      bothSilent: false,
      ready: false,
    },
    actions: [{ kind: 'record', transition: { from: path.phase, to, reason, detail, epoch } }],
  }
}

function told({ path, actions }: Step): Step {
  return { path, actions: [{ kind: 'tell' }, ...actions] }
}
