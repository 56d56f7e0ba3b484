// Which probes are due and when to look again. Pure: times come in, and the clock of one peer is moved on.

import type { ProbePace } from '../config/agent-settings.ts'
import type { Phase } from '../escalation/state.ts'
import { MEASURED, type MeasuredLane, type ProbeClock } from './peer.ts'

/** One probe to send now. */
export interface DueProbe {
  readonly lane: MeasuredLane
  readonly isBig: boolean
}

/** What decides how quick the probes are. */
export interface PaceInputs {
  readonly phase: Phase
  /** Containers use the nebula link. */
  readonly isBusy: boolean
  readonly now: number
}

/**
 * What costs a host that does nothing most is being woken. Slow probes go out at the beginning of slots of this length, those
 * to many peers together; the slots of two hosts have nothing to do with each other, or all of an office would speak at once.
 */
export const SLOT_MS = 250
// A quicker interval than this is kept to the millisecond.
const SLOTTED_FROM_MS = 1000

/** When the slot of a moment began, monotonic milliseconds. */
export function slotOf(at: number): number {
  return Math.floor(at / SLOT_MS) * SLOT_MS
}

/** A clock whose first probes are spread over one interval: a hundred peers must not all be asked in one moment. */
export function newClock(now: number, pace: ProbePace, random: () => number): ProbeClock {
  const soon = (): number => now + random() * pace.fastMs
  return {
    next: { tunnel: soon(), p2p: soon(), gateway: soon() },
    nextBig: { p2p: soon() + pace.fastMs, gateway: soon() + pace.fastMs },
    burstLeft: 0,
    burstAt: Infinity,
    fastUntil: -Infinity,
  }
}

/** Milliseconds between two probes of a lane at present. */
export function intervalOf(
  lane: MeasuredLane,
  clock: ProbeClock,
  pace: ProbePace,
  inputs: PaceInputs,
): number {
  switch (lane) {
    case 'p2p':
      return isFast(clock, inputs) ? pace.fastMs : pace.idleMs
    case 'tunnel':
      // An attempt needs both kinds soon.
      return inputs.phase === 'P2P_ATTEMPTING' || inputs.now < clock.fastUntil
        ? Math.min(pace.tunnelMs, pace.fastMs * 2)
        : pace.tunnelMs
    case 'gateway':
      return inputs.now < clock.fastUntil ? Math.min(pace.gatewayMs, pace.fastMs * 2) : pace.gatewayMs
  }
}

/** Takes the probes that are due and moves the clock on. */
export function takeDue(
  clock: ProbeClock,
  pace: ProbePace,
  inputs: PaceInputs,
  random: () => number,
): readonly DueProbe[] {
  const { now } = inputs
  const due: DueProbe[] = []
  for (const lane of MEASURED) {
    // Doubt or traffic may have made the interval shorter since the last one was planned.
    const interval = intervalOf(lane, clock, pace, inputs)
    clock.next[lane] = Math.min(clock.next[lane], now + interval * (1 + pace.jitter))
    if (clock.next[lane] > now) continue
    due.push({ lane, isBig: false })
    clock.next[lane] = planned(now, interval, pace, random)
  }
  for (const lane of ['p2p', 'gateway'] as const) {
    const interval = isFast(clock, inputs) ? pace.bigMs : pace.bigIdleMs
    clock.nextBig[lane] = Math.min(clock.nextBig[lane], now + interval * (1 + pace.jitter))
    if (clock.nextBig[lane] > now) continue
    due.push({ lane, isBig: true })
    clock.nextBig[lane] = planned(now, interval, pace, random)
  }
  if (clock.burstLeft > 0 && clock.burstAt <= now) {
    clock.burstLeft -= 1
    clock.burstAt = now + pace.burstMs
    // The tunnel too: what it answers tells a dead host from a dead path to its containers.
    due.push(...MEASURED.map((lane) => ({ lane, isBig: false })))
  }
  return due
}

/** When the clock has to be looked at again. */
export function nextDue(clock: ProbeClock): number {
  const burst = clock.burstLeft > 0 ? clock.burstAt : Infinity
  return Math.min(
    ...MEASURED.map((lane) => clock.next[lane]),
    clock.nextBig.p2p,
    clock.nextBig.gateway,
    burst,
  )
}

/** Begins a burst and a while of quick probes. */
export function startBurst(clock: ProbeClock, pace: ProbePace, now: number, forMs: number): void {
  clock.burstLeft = pace.burst
  clock.burstAt = now
  clock.fastUntil = Math.max(clock.fastUntil, now + forMs)
}

/** Ends it, and the quick while. */
export function endBurst(clock: ProbeClock): void {
  clock.burstLeft = 0
  clock.burstAt = Infinity
  clock.fastUntil = -Infinity
}

function isFast(clock: ProbeClock, { phase, isBusy, now }: PaceInputs): boolean {
  return phase === 'P2P_ATTEMPTING' || (phase === 'P2P_ACTIVE' && isBusy) || now < clock.fastUntil
}

function planned(now: number, interval: number, { jitter }: ProbePace, random: () => number): number {
  const at = now + interval * (1 + jitter * (2 * random() - 1))
  if (interval < SLOTTED_FROM_MS) return at
  const slot = slotOf(at)
  return slot < now + interval * (1 - jitter) ? slot + SLOT_MS : slot
}
