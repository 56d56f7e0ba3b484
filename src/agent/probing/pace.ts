// Decides which probes are due and when to look again. Pure: times are passed in, and one
// peer's clock moves on.

import type { ProbePace } from '../../config/agent-settings.ts'
import type { Phase } from '../../paths/escalation/state.ts'
import { MEASURED, type MeasuredLane, type ProbeClock } from '../peers/peer.ts'

/** One probe to send now. */
export interface DueProbe {
  readonly lane: MeasuredLane
  readonly isBig: boolean
}

/** What decides how quick the probes are. */
export interface PaceInputs {
  readonly phase: Phase
  /** Whether containers use the nebula link. */
  readonly isBusy: boolean
  readonly now: number
}

/**
 * Waking up is what costs an idle host most. So slow probes are sent at the start of slots of this length,
 * those to many peers together. The slots of two hosts are unrelated, so that an office does not send all its
 * probes in one moment.
 */
export const SLOT_MS = 250
/** A shorter interval is kept to the millisecond. */
export const SLOTTED_FROM_MS = 1000

/** Returns when the slot of a moment started, in monotonic milliseconds. */
export function slotOf(at: number): number {
  return Math.floor(at / SLOT_MS) * SLOT_MS
}

/**
 * Makes a clock whose first probes are spread over one interval, so that a hundred peers are not all
 * asked in one moment.
 */
export function newClock(now: number, pace: ProbePace, random: () => number): ProbeClock {
  const soon = (): number => now + random() * pace.fastMs
  return {
    next: { tunnel: soon(), p2p: soon(), gateway: soon() },
    nextBig: { p2p: soon() + pace.fastMs, gateway: soon() + pace.fastMs },
    from: { tunnel: Infinity, p2p: Infinity, gateway: Infinity },
    fromBig: { p2p: Infinity, gateway: Infinity },
    burstLeft: 0,
    burstAt: Infinity,
    fastUntil: -Infinity,
  }
}

/** Returns the current milliseconds between two probes of a lane. */
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

/**
 * Takes the probes that are due and moves the clock on. Slow probes of several lanes are sent together,
 * because each one by itself would wake this host, and the peer too.
 */
export function takeDue(
  clock: ProbeClock,
  pace: ProbePace,
  inputs: PaceInputs,
  random: () => number,
): readonly DueProbe[] {
  const { now } = inputs
  // One random number for all lanes keeps those of one interval together.
  const chance = random()
  const rows = rowsOf(clock, pace, inputs)
  for (const { lane, interval, next } of rows)
    // A doubt or traffic may have shortened the interval since the last probe was planned.
    next[lane] = Math.min(next[lane] ?? now, now + interval * (1 + pace.jitter))
  const isDue = ({ lane, next }: PaceRow): boolean => (next[lane] ?? now) <= now
  const isSlow = ({ interval }: PaceRow): boolean => interval >= SLOTTED_FROM_MS
  const slow = rows.filter(isSlow)
  const isSlowDue = slow.some(isDue)
  const shortest = Math.min(...slow.map(({ interval }) => interval))
  const due: DueProbe[] = []
  for (const row of rows) {
    const { lane, isBig, interval, next, from } = row
    const isAlong = isSlowDue && isSlow(row) && (from[lane] ?? Infinity) <= now
    if (!isDue(row) && !isAlong) continue
    due.push({ lane, isBig })
    // Probes with a longer interval wait until the end of their time for a look at the others, which vary.
    next[lane] = planned(now, interval, pace, interval > shortest ? 1 : chance)
    from[lane] = now + interval * (1 - pace.jitter)
  }
  if (clock.burstLeft > 0 && clock.burstAt <= now) {
    clock.burstLeft -= 1
    clock.burstAt = now + pace.burstMs
    // The tunnel is probed too, because its answers distinguish a dead host from a dead path
    // to its containers.
    due.push(...MEASURED.map((lane) => ({ lane, isBig: false })))
  }
  return due
}

/** One kind of probe on one lane: its current interval, and its part of the clock. */
interface PaceRow extends DueProbe {
  readonly interval: number
  readonly next: Partial<Record<MeasuredLane, number>>
  readonly from: Partial<Record<MeasuredLane, number>>
}

function rowsOf(clock: ProbeClock, pace: ProbePace, inputs: PaceInputs): readonly PaceRow[] {
  const bigMs = isFast(clock, inputs) ? pace.bigMs : pace.bigIdleMs
  const big = { isBig: true, interval: bigMs, next: clock.nextBig, from: clock.fromBig }
  return [
    ...MEASURED.map((lane) => {
      const interval = intervalOf(lane, clock, pace, inputs)
      return { lane, isBig: false, interval, next: clock.next, from: clock.from }
    }),
    { lane: 'p2p', ...big },
    { lane: 'gateway', ...big },
  ]
}

/** Returns when to look at the clock again. */
export function nextDue(clock: ProbeClock): number {
  const burst = clock.burstLeft > 0 ? clock.burstAt : Infinity
  return Math.min(
    ...MEASURED.map((lane) => clock.next[lane]),
    clock.nextBig.p2p,
    clock.nextBig.gateway,
    burst,
  )
}

/** Starts a burst and a period of quick probes. */
export function startBurst(clock: ProbeClock, pace: ProbePace, now: number, forMs: number): void {
  clock.burstLeft = pace.burst
  clock.burstAt = now
  clock.fastUntil = Math.max(clock.fastUntil, now + forMs)
}

/** Ends the burst and the period of quick probes. */
export function endBurst(clock: ProbeClock): void {
  clock.burstLeft = 0
  clock.burstAt = Infinity
  clock.fastUntil = -Infinity
}

function isFast(clock: ProbeClock, { phase, isBusy, now }: PaceInputs): boolean {
  return phase === 'P2P_ATTEMPTING' || (phase === 'P2P_ACTIVE' && isBusy) || now < clock.fastUntil
}

function planned(now: number, interval: number, { jitter }: ProbePace, chance: number): number {
  const at = now + interval * (1 + jitter * (2 * chance - 1))
  if (interval < SLOTTED_FROM_MS) return at
  const slot = slotOf(at)
  return slot < now + interval * (1 - jitter) ? slot + SLOT_MS : slot
}
