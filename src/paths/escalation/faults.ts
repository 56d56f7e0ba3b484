// Finds what is wrong with the active direct path, and describes it in a sentence with the figures.

import type { Moment } from './moment.ts'
import { deadAt } from './doubt.ts'
import { isSilent, mostRttMs, ms, silenceMs } from './lane.ts'
import type { EscalationOptions } from './options.ts'
import type { LaneReading, PeerPath, Reading, Reason, Why } from './state.ts'

/** A reason to leave, with its figures. */
export interface Fault extends Why {
  /** The peer's own reason, for a fall that follows the peer's. */
  readonly cause?: Reason
}

/** Returns whether the direct path has gone unanswered for too long. */
export function isDead(path: PeerPath, { p2p }: Reading, { now, options }: Moment): boolean {
  return now > deadAt(path, p2p, options)
}

/**
 * Returns whether the gateway path exists and answers. While the direct path is in doubt, only an answer to
 * the burst counts, because the whole peer may be down.
 */
export function gatewayLives(path: PeerPath, { gateway, hasGateway }: Reading, moment: Moment): boolean {
  if (!hasGateway) return false
  if (path.doubtAt !== undefined) return gateway.repliedAt >= path.doubtAt
  return !isSilent(gateway, path.countFrom, moment)
}

/** Explains why a dead direct path is dead. */
export function silenceFault(path: PeerPath, reading: Reading, { now, options }: Moment): Fault {
  const { p2p, tunnel } = reading
  const silence = silenceMs(p2p, path.countFrom, now)
  const detail = `no answer for ${ms(silence)}`
  const fresh = options.silenceMs / 2
  if (p2p.heardAt > now - silence + fresh && now - p2p.heardAt <= fresh)
    return {
      reason: 'one-way',
      detail: `${detail}, while the peer's probes still arrive: packets from here are lost`,
    }
  // One answer to the burst proves little when many are lost, so the tunnel must answer several in a row.
  if (tunnel.repliedAt >= (path.doubtAt ?? Infinity) && tunnel.goodInRow >= ROUNDS)
    return { reason: 'container-path', detail: `${detail} between the subnets, while the tunnel answers` }
  return { reason: 'silence', detail }
}

const ROUNDS = 3

/**
 * Returns whether so many recent probes were missed that more must be sent soon. A single gap, however long,
 * is a matter of silence. If the gateway path misses as many, there is nothing to decide.
 */
export function isSuspect({ p2p, gateway, hasGateway }: Reading): boolean {
  const isWorthAsking = hasGateway && 2 * gateway.recent.missed < MANY_MISSED
  return isWorthAsking && p2p.recent.gaps >= MANY_GAPS
}

/**
 * Finds a path that currently loses most of its packets. It answers too often to count as silent, and by the
 * time the losses are certain, connections have stalled for seconds. The threshold is five of the last eight
 * probes, in more than one gap: with 1 % loss each way, chance alone reaches it once in 45 days. The gateway
 * path must have answered better meanwhile.
 */
export function heavyLoss({ lossFrom }: PeerPath, { p2p, gateway, hasGateway }: Reading): Fault | undefined {
  const { probes, missed, gaps, since } = p2p.recent
  if (!hasGateway || missed < MANY_MISSED || gaps < MANY_GAPS || since < lossFrom) return undefined
  // The gateway path was asked in the same bursts.
  if (gateway.repliedAt < since || 2 * gateway.recent.missed >= missed) return undefined
  return { reason: 'loss', detail: `${String(missed)} of the last ${String(probes)} probes not answered` }
}

const MANY_MISSED = 5
const MANY_GAPS = 2

/** Finds the fault of a direct path that answers. `slowSince`: since when it has been too slow. */
export function qualityFault(
  path: PeerPath,
  slowSince: number | undefined,
  reading: Reading,
  moment: Moment,
): Fault | undefined {
  const { options } = moment
  return (
    lossFault(path, reading, moment) ?? latencyFault(slowSince, reading, moment) ?? mtuFault(reading, options)
  )
}

/** Returns since when the direct path has been slower than allowed, or undefined if it is not. */
export function slowFrom(
  path: PeerPath,
  { p2p, gateway }: Reading,
  { now, options }: Moment,
): number | undefined {
  const isSlow = p2p.rttMs !== undefined && p2p.rttMs > mostRttMs(gateway, options)
  return isSlow ? (path.slowSince ?? now) : undefined
}

// A window counts only if it was filled entirely since the phase began or the last stall ended.
function lossFault(
  { lossFrom }: PeerPath,
  { p2p, gateway }: Reading,
  { now, options: { lossShort, lossLong } }: Moment,
): Fault | undefined {
  const isFilled = (probes: number): boolean => now - lossFrom >= probes * p2p.intervalMs
  const [loss, window] =
    p2p.lossShort > lossShort.most && isFilled(lossShort.probes)
      ? [p2p.lossShort, lossShort]
      : [p2p.lossLong, lossLong]
  if (loss <= window.most || !isFilled(window.probes) || isWorse(gateway, loss)) return undefined
  const lost = Math.round(loss * window.probes)
  return { reason: 'loss', detail: `${String(lost)} of the last ${String(window.probes)} probes lost` }
}

// If the LAN itself loses packets, the gateway path would be no better.
function isWorse(gateway: LaneReading, loss: number): boolean {
  return gateway.lossShort >= loss
}

function latencyFault(
  slowSince: number | undefined,
  { p2p, gateway }: Reading,
  { now, options }: Moment,
): Fault | undefined {
  if (slowSince === undefined || now - slowSince < options.latency.forMs) return undefined
  const beside = gateway.rttMs === undefined ? '' : `, ${ms(gateway.rttMs)} on the gateway path`
  return { reason: 'latency', detail: `answers take ${ms(p2p.rttMs ?? 0)}${beside}` }
}

// After an outage both rows start from zero, and large probes are rarer. The two sizes can be compared only
// much later.
function mtuFault({ p2p, gateway }: Reading, { bigMissed, good }: EscalationOptions): Fault | undefined {
  const isHole = p2p.bigMissedInRow >= bigMissed && p2p.goodInRow >= 2 * good
  if (!isHole || gateway.bigMissedInRow >= bigMissed) return undefined
  return {
    reason: 'mtu',
    detail: `${String(p2p.bigMissedInRow)} full-size probes lost in a row, while small ones pass`,
  }
}
