// The states of a path in the words of people: which way packets go, and what is being done about it.

import type { LaneView, PathView, TransitionView } from '../api/views.ts'
import type { Phase } from '../escalation/state.ts'
import { moment } from './figures.ts'

const WORDS: Readonly<Record<Phase, string>> = {
  GATEWAY_ONLY: 'gateway',
  P2P_ATTEMPTING: 'gateway, trying direct',
  P2P_ACTIVE: 'direct',
  GATEWAY_FALLBACK: 'gateway, fell back',
}

/** "gateway, trying direct"; a phase of a newer agent as it spells it. */
export function phaseWord(phase: Phase): string {
  return WORDS[phase] ?? String(phase)
}

/** The lane that users' packets take now. */
export function laneInUse({ phase, p2p, gateway }: PathView): LaneView {
  return phase === 'P2P_ACTIVE' ? p2p : gateway
}

const WAYS = { p2p: 'direct', gateway: 'gateway', none: 'none' } as const

/** "direct", "gateway", "none" */
export function wayWord(way: 'p2p' | 'gateway' | 'none'): string {
  return WAYS[way]
}

/** "12:03:14 direct → gateway, fell back: no answer for 812 ms (silence)" */
export function transitionLine({ at, from, to, reason, detail }: TransitionView, now: Date): string {
  const because = detail === '' ? reason : `${detail} (${reason})`
  return `${moment(at, now)} ${phaseWord(from)} → ${phaseWord(to)}: ${because}`
}
