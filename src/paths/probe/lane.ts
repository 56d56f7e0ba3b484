// Measures one lane to one peer: probes go out, answers come in, and a reading is available at any time. Uses
// no clock: the caller passes all times, in monotonic milliseconds.

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
  recentOf,
  restartRow,
  type Row,
} from './row.ts'

/** The state of one lane. Changes as probes and answers pass. */
export interface LaneMonitor {
  readonly small: Row
  readonly big: Row
  /** Counts small probes only. Large ones are counted separately, because an MTU hole is not packet loss. */
  window: LossWindow
  /** Measured from small probes answered in time. */
  roundTrip: RoundTrip | undefined
  lastRttMs: number | undefined
  repliedAt: number
  heardAt: number
  /** When the first small probe since the last answer was sent; Infinity if there was none. */
  unansweredSince: number
}

/** A probe to be sent now. `isBig`: it is as large as the path's MTU. */
interface Outgoing {
  readonly sequence: number
  readonly nonce: string
  readonly isBig: boolean
}

/**
 * Why an answer is ignored. `unknown`: it matches none of our probes, or one lost long ago. `duplicate`: it
 * arrived before. `forgiven`: its probe was sent before a stall, so the time that the answer spent queued is
 * unknown.
 */
type ReplyRefusal = 'unknown' | 'duplicate' | 'forgiven'

// A path that has become a second slower loses nothing, and its answers must be recognised as slow. Silence
// decides whether a path is dead and does not wait for this limit.
const LOST_AFTER_MS = 3000
// Longer than any gap without a fault on a busy virtual machine (423 ms measured). A slowly probed lane need
// not wait for its next probe.
const PATIENCE_MS = 500

/** The number of recent probes that show whether a path is losing many packets right now. */
const RECENT_PROBES = 8

/** Returns a lane on which nothing has been sent yet. `sizes`: the sizes of the windows that count losses. */
export function newLane(sizes: WindowSizes): LaneMonitor {
  return {
    small: newRow(),
    big: newRow(),
    window: newWindow(sizes),
    roundTrip: undefined,
    lastRttMs: undefined,
    repliedAt: -Infinity,
    heardAt: -Infinity,
    unansweredSince: Infinity,
  }
}

/** Changes the window sizes. A change discards the counted results. */
export function resize(lane: LaneMonitor, sizes: WindowSizes): void {
  const { short, long } = lane.window.sizes
  if (sizes.short !== short || sizes.long !== long) lane.window = newWindow(sizes)
}

/** Records a sent probe. Sequences grow. The probe is lost if unanswered after `lostAfterMs`. */
export function sent(
  lane: LaneMonitor,
  { sequence, nonce, isBig }: Outgoing,
  now: number,
  lostAfterMs: number = LOST_AFTER_MS,
): void {
  if (!isBig) lane.unansweredSince = Math.min(lane.unansweredSince, now)
  addProbe(isBig ? lane.big : lane.small, {
    sequence,
    nonce,
    sentAt: now,
    lostAt: now + lostAfterMs,
    fate: 'waiting',
  })
}

/**
 * Records an authentic answer. An answer to a probe already counted as lost shows that the path is alive and
 * how slow it is, but the probe stays lost.
 * @returns the round trip in milliseconds, or why the answer is ignored
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
  lane.unansweredSince = Infinity
  if (small === undefined) return rttMs
  // An answer this late was queued behind something that had stalled, so it says nothing about the path's
  // latency.
  if (isLate) return rttMs
  lane.roundTrip = measured(lane.roundTrip, rttMs)
  lane.lastRttMs = rttMs
  addResult(lane.window, false)
  return rttMs
}

/** Records an authentic probe of the peer that arrived on this lane for the first time (order.ts). */
export function heard(lane: LaneMonitor, now: number): void {
  lane.heardAt = now
}

/**
 * Counts probes that have gone unanswered for too long as lost. Call this before reading anything. @returns
 * how many
 */
export function expire(lane: LaneMonitor, now: number): number {
  const lost = expireProbes(lane.small, now)
  for (let count = 0; count < lost; count++) addResult(lane.window, true)
  return lost + expireProbes(lane.big, now)
}

/**
 * Discards measurements after our own process stalled: probes sent before `now` do not count against
 * the peer, and earlier good ones prove nothing. Call this before taking in the queued answers.
 */
export function forgive(lane: LaneMonitor, now: number): void {
  lane.unansweredSince = Infinity
  restartRow(lane.small, now)
  restartRow(lane.big, now)
  clearWindow(lane.window)
}

/**
 * Resets the measurements when traffic moves to this lane. Earlier losses do not matter any more, and the
 * round-trip variation of an earlier fault would only delay the detection of misses.
 */
export function startAnew(lane: LaneMonitor): void {
  clearWindow(lane.window)
  if (lane.lastRttMs !== undefined) lane.roundTrip = measured(undefined, lane.lastRttMs)
}

/**
 * Returns when the answer to the last small probe becomes overdue, in monotonic milliseconds. From then on
 * the probe counts as missed, whether lost or not. Returns Infinity if it was answered. `intervalMs` as in
 * {@link readingOf}.
 */
export function missedFrom({ small, roundTrip }: LaneMonitor, intervalMs: number): number {
  const last = small.probes.at(-1)
  return last?.fate === 'waiting' ? last.sentAt + patienceOf(roundTrip, intervalMs) : Infinity
}

/** Returns whether the last probe of either size is unanswered and not yet lost. */
export function isWaiting({ small, big }: LaneMonitor): boolean {
  return small.probes.at(-1)?.fate === 'waiting' || big.probes.at(-1)?.fate === 'waiting'
}

// Longer than a normal answer takes, but shorter than the loss timeout. A doubt must not wait for the loss.
function patienceOf(roundTrip: RoundTrip | undefined, intervalMs: number): number {
  return Math.max(Math.min(intervalMs, PATIENCE_MS), longest(roundTrip))
}

/**
 * Returns the reading of the lane. `intervalMs`: the current interval between its small probes, without
 * jitter.
 */
export function readingOf(lane: LaneMonitor, now: number, intervalMs: number): LaneReading {
  const { small, big, roundTrip, lastRttMs, repliedAt, heardAt, unansweredSince } = lane
  const patienceMs = patienceOf(roundTrip, intervalMs)
  const loss = lossOf(lane.window)
  return {
    recent: recentOf(small, now, patienceMs, RECENT_PROBES),
    repliedAt,
    heardAt,
    unansweredSince,
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
