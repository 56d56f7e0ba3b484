// The states of a path in words: which path packets take, and what the agent is doing about it.

import type { LaneView, PathView, TransitionView } from '../../views/paths.ts'
import type { Phase } from '../../paths/escalation/state.ts'
import { moment } from './figures.ts'

const WORDS: Readonly<Record<Phase, string>> = {
  GATEWAY_ONLY: 'gateway',
  P2P_ATTEMPTING: 'gateway, trying direct',
  P2P_ACTIVE: 'direct',
  GATEWAY_FALLBACK: 'gateway, fell back',
}

/** Returns "gateway, trying direct"; an unknown phase of a newer agent is returned as spelt. */
export function phaseWord(phase: Phase): string {
  return WORDS[phase] ?? String(phase)
}

/** Returns the lane that container traffic takes now. */
export function laneInUse({ phase, p2p, gateway }: PathView): LaneView {
  return phase === 'P2P_ACTIVE' ? p2p : gateway
}

const WAYS = { p2p: 'direct', gateway: 'gateway', none: 'none' } as const

/** Returns "direct", "gateway" or "none". */
export function wayWord(way: 'p2p' | 'gateway' | 'none'): string {
  return WAYS[way]
}

/** Returns "12:03:14 direct → gateway, fell back: no answer for 812 ms (silence)". */
export function transitionLine({ at, from, to, reason, detail }: TransitionView, now: Date): string {
  const because = detail === '' ? reason : `${detail} (${reason})`
  return `${moment(at, now)} ${phaseWord(from)} → ${phaseWord(to)}: ${because}`
}
