// Changes of phase: the path after it, and the actions in their order.

import { attemptHoldMs, penaltyOf } from './backoff.ts'
import type { EscalationOptions } from './options.ts'
import type { EscalationAction, PeerPath, PeerWord, Phase, Reason } from './state.ts'
import { BY_SILENCE } from './second-thought.ts'
import type { Fault } from './verdict.ts'

/** What a step comes to. */
export interface Step {
  readonly path: PeerPath
  readonly actions: readonly EscalationAction[]
}

/** Leaves P2P_ACTIVE: the route goes first, everything else can wait. */
export function fall(
  path: PeerPath,
  fault: Fault,
  peerHoldMs: number,
  now: number,
  options: EscalationOptions,
  random: () => number,
): Step {
  const penalty = penaltyOf(path, fault.reason, peerHoldMs, now, options, random)
  const step = enter(
    { ...path, ...penalty, timeouts: 0 },
    'GATEWAY_FALLBACK',
    fault.reason,
    fault.detail,
    now,
  )
  const isRepair = fault.reason === 'container-path'
  // Nothing waits for these any more: what they find out is why (second-thought.ts).
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

/** Begins an attempt. */
export function attempt(path: PeerPath, detail: string, now: number): Step {
  return told(enter(path, 'P2P_ATTEMPTING', 'attempt', detail, now))
}

/** Ends an attempt without success; the wait grows with those that ran out of time, not the back-off. */
export function giveUp(path: PeerPath, fault: Fault, now: number, options: EscalationOptions): Step {
  const timeouts = path.timeouts + (fault.reason === 'attempt-timeout' ? 1 : 0)
  const holdUntil = now + attemptHoldMs(Math.max(1, timeouts), options)
  const phase = path.wasActive ? 'GATEWAY_FALLBACK' : 'GATEWAY_ONLY'
  return told(enter({ ...path, timeouts, holdUntil }, phase, fault.reason, fault.detail, now))
}

/** Takes P2P: the route first, as the gateway path goes on working meanwhile. */
export function recover(path: PeerPath, word: PeerWord, detail: string, now: number): Step {
  const step = activate(path, 'recovered', detail, word.epoch, now)
  return { path: step.path, actions: [{ kind: 'install' }, ...step.actions, { kind: 'tell' }] }
}

/** Takes over a P2P route that was there before the agent. */
export function adopt(path: PeerPath, now: number): Step {
  const step = activate(path, 'adopted', 'the P2P route was there already', undefined, now)
  return { path: step.path, actions: [{ kind: 'install' }, ...step.actions, { kind: 'tell' }] }
}

function activate(
  path: PeerPath,
  reason: Reason,
  detail: string,
  peerEpoch: number | undefined,
  now: number,
): Step {
  const active = {
    ...path,
    peerEpoch,
    timeouts: 0,
    wasActive: true,
    repaired: false,
    countFrom: now,
    lossFrom: now,
  }
  const step = enter(active, 'P2P_ACTIVE', reason, detail, now)
  return { path: { ...step.path, ready: true }, actions: step.actions }
}

/** The new phase and its record, nothing else. */
export function enter(path: PeerPath, to: Phase, reason: Reason, detail: string, now: number): Step {
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
      bothSilent: false,
      ready: false,
    },
    actions: [{ kind: 'record', transition: { from: path.phase, to, reason, detail, epoch } }],
  }
}

function told({ path, actions }: Step): Step {
  return { path, actions: [{ kind: 'tell' }, ...actions] }
}
