// What is measured on one lane to one peer: probes go out, answers come in, and at any moment there is a reading. Knows
// no clock: all times are monotonic milliseconds that the caller brings.

import type { LaneReading } from '../escalation/state.ts'
import {
  addResult,
  clearWindow,
  lossOf,
  type LossWindow,
  newWindow,
  type WindowSizes,
} from './loss-window.ts'
import type { Message } from './message.ts'
import { longest, measured, type RoundTrip } from './round-trip.ts'
import {
  addProbe,
  expireProbes,
  findProbe,
  goodInRow,
  missedInRow,
  newRow,
  restartRow,
  type Row,
} from './row.ts'

/** One lane's memory. Changes as probes go and come. */
export interface LaneMonitor {
  readonly small: Row
  readonly big: Row
  /** Of the small probes: large ones have their own fate, an MTU hole is no loss. */
  window: LossWindow
  /** Of the small probes that were answered in time. */
  roundTrip: RoundTrip | undefined
  lastRttMs: number | undefined
  repliedAt: number
  heardAt: number
}

/** A probe that goes out now; `isBig`: as large as the path's MTU. */
export interface Outgoing {
  readonly sequence: number
  readonly nonce: string
  readonly isBig: boolean
}

/**
 * Why an answer says nothing. `unknown`: it answers none of our probes, or one that was lost long ago; `duplicate`: it
 * came before; `forgiven`: its probe went out before a stall, and nobody knows how long the answer lay waiting.
 */
export type ReplyRefusal = 'unknown' | 'duplicate' | 'forgiven'

// A path that has become a second slower loses nothing: its answers have to be known as slow. Death is judged by
// silence, which does not wait for this.
const LOST_AFTER_MS = 3000
// Longer than any gap without a fault on a busy virtual machine (423 ms were measured). A lane that is probed more
// slowly does not have to wait for its next probe.
const PATIENCE_MS = 500

/** A lane on which nothing was sent yet. `sizes`: of the windows in which losses are counted. */
export function newLane(sizes: WindowSizes): LaneMonitor {
  return {
    small: newRow(),
    big: newRow(),
    window: newWindow(sizes),
    roundTrip: undefined,
    lastRttMs: undefined,
    repliedAt: -Infinity,
    heardAt: -Infinity,
  }
}

/** Other sizes of the windows: what was counted in the earlier ones is forgotten. */
export function resize(lane: LaneMonitor, sizes: WindowSizes): void {
  const { short, long } = lane.window.sizes
  if (sizes.short !== short || sizes.long !== long) lane.window = newWindow(sizes)
}

/** A probe goes out. Sequences grow. Unanswered for `lostAfterMs` it is lost. */
export function sent(
  lane: LaneMonitor,
  { sequence, nonce, isBig }: Outgoing,
  now: number,
  lostAfterMs: number = LOST_AFTER_MS,
): void {
  addProbe(isBig ? lane.big : lane.small, {
    sequence,
    nonce,
    sentAt: now,
    lostAt: now + lostAfterMs,
    fate: 'waiting',
  })
}

/**
 * An authentic answer has come. One whose probe is lost already shows that the path lives and how slow it is, and leaves
 * the probe lost.
 * @returns the round trip in milliseconds, or why the answer says nothing
 */
export function replied(
  lane: LaneMonitor,
  { sequence, nonce }: Pick<Message, 'sequence' | 'nonce'>,
  now: number,
): number | ReplyRefusal {
  const small = findProbe(lane.small, sequence, nonce)
  const row = small === undefined ? lane.big : lane.small
  const probe = small ?? findProbe(row, sequence, nonce)
  if (probe === undefined) return 'unknown'
  if (probe.fate === 'good' || probe.fate === 'late') return 'duplicate'
  if (probe.sentAt < row.countFrom) return 'forgiven'
  const rttMs = now - probe.sentAt
  const isLate = probe.fate === 'lost'
  probe.fate = isLate ? 'late' : 'good'
  lane.repliedAt = now
  if (small === undefined) return rttMs
  // What was lost by then lay waiting for something that stood still: it says nothing about how long the way is.
  if (isLate) return rttMs
  lane.roundTrip = measured(lane.roundTrip, rttMs)
  lane.lastRttMs = rttMs
  addResult(lane.window, false)
  return rttMs
}

/** An authentic probe of the peer's own has come by this lane, for the first time (order.ts). */
export function heard(lane: LaneMonitor, now: number): void {
  lane.heardAt = now
}

/** Counts what has been unanswered for too long as lost. To be called before anything is read. @returns how many */
export function expire(lane: LaneMonitor, now: number): number {
  const lost = expireProbes(lane.small, now)
  for (let count = 0; count < lost; count++) addResult(lane.window, true)
  return lost + expireProbes(lane.big, now)
}

/**
 * Our own process stood still: what was sent before `now` is not held against the peer, and what was good before proves
 * nothing any more. To be called before the answers that lay waiting are taken in.
 */
export function forgive(lane: LaneMonitor, now: number): void {
  restartRow(lane.small, now)
  restartRow(lane.big, now)
  clearWindow(lane.window)
}

/**
 * Traffic is on the lane from now on: what was lost before says nothing about that, and how much the round trip varied in an
 * earlier fault would only make misses be seen late.
 */
export function startAnew(lane: LaneMonitor): void {
  clearWindow(lane.window)
  if (lane.lastRttMs !== undefined) lane.roundTrip = measured(undefined, lane.lastRttMs)
}

/** The lane at this moment. `intervalMs` between its small probes at present, without jitter. */
export function readingOf(lane: LaneMonitor, now: number, intervalMs: number): LaneReading {
  const { small, big, roundTrip, lastRttMs, repliedAt, heardAt } = lane
  // Not lost yet, but already more than an answer takes: doubt must not wait for the loss.
  const patienceMs = Math.max(Math.min(intervalMs, PATIENCE_MS), longest(roundTrip))
  const loss = lossOf(lane.window)
  return {
    repliedAt,
    heardAt,
    goodInRow: goodInRow(small, now, patienceMs),
    missedInRow: missedInRow(small, now, patienceMs),
    lossShort: loss.short,
    lossLong: loss.long,
    rttMs: roundTrip?.smoothedMs,
    lastRttMs,
    bigGoodInRow: goodInRow(big, now, patienceMs),
    bigMissedInRow: missedInRow(big, now, patienceMs),
    intervalMs,
  }
}
