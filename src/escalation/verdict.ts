// What is wrong with the P2P path that carries traffic, if anything, and the sentence with the figures.

import { deadAt } from './doubt.ts'
import { isSilent, mostRttMs, ms, silenceMs } from './lane.ts'
import type { EscalationOptions } from './options.ts'
import type { LaneReading, PeerPath, Reading, Reason } from './state.ts'

/** A reason to leave, with its figures. */
export interface Fault {
  readonly reason: Reason
  readonly detail: string
  /** Why the peer has left, for one that left because the peer did. */
  readonly cause?: Reason
}

/** Whether the P2P path has been without an answer for too long. */
export function isDead(path: PeerPath, { p2p }: Reading, now: number, options: EscalationOptions): boolean {
  return now > deadAt(path, p2p, options)
}

/**
 * Whether the gateway path is there and answers. In doubt about P2P only an answer to the burst shows it: the
 * peer may have gone as a whole.
 */
export function gatewayLives(
  path: PeerPath,
  { gateway, hasGateway }: Reading,
  now: number,
  options: EscalationOptions,
): boolean {
  if (!hasGateway) return false
  if (path.doubtAt !== undefined) return gateway.repliedAt >= path.doubtAt
  return !isSilent(gateway, path.countFrom, now, options)
}

/** Why a dead P2P path is dead. */
export function silenceFault(
  path: PeerPath,
  reading: Reading,
  now: number,
  options: EscalationOptions,
): Fault {
  const { p2p, tunnel } = reading
  const silence = silenceMs(p2p, path.countFrom, now)
  const detail = `no answer for ${ms(silence)}`
  const fresh = options.silenceMs / 2
  if (p2p.heardAt > now - silence + fresh && now - p2p.heardAt <= fresh)
    return {
      reason: 'one-way',
      detail: `${detail}, while the peer's probes still arrive: what we send is lost`,
    }
  // One answer of the burst says little where many are lost: the tunnel has to give all of them.
  if (tunnel.repliedAt >= (path.doubtAt ?? Infinity) && tunnel.goodInRow >= ROUNDS)
    return { reason: 'container-path', detail: `${detail} between the subnets, while the tunnel answers` }
  return { reason: 'silence', detail }
}

const ROUNDS = 3

/** What is wrong with a P2P path that answers. `slowSince`: since when it is too slow. */
export function qualityFault(
  path: PeerPath,
  slowSince: number | undefined,
  reading: Reading,
  now: number,
  options: EscalationOptions,
): Fault | undefined {
  return (
    lossFault(path, reading, now, options) ??
    latencyFault(slowSince, reading, now, options) ??
    mtuFault(reading, options)
  )
}

/** Since when the P2P path has been slower than it may be; undefined: it is not. */
export function slowFrom(
  path: PeerPath,
  { p2p, gateway }: Reading,
  now: number,
  options: EscalationOptions,
): number | undefined {
  const isSlow = p2p.rttMs !== undefined && p2p.rttMs > mostRttMs(gateway, options)
  return isSlow ? (path.slowSince ?? now) : undefined
}

// A window tells only of what has been measured since the phase or the last stall: it must have been filled since.
function lossFault(
  { lossFrom }: PeerPath,
  { p2p, gateway }: Reading,
  now: number,
  { lossShort, lossLong }: EscalationOptions,
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

// The office network itself loses packets: the other path would be no better.
function isWorse(gateway: LaneReading, loss: number): boolean {
  return gateway.lossShort >= loss
}

function latencyFault(
  slowSince: number | undefined,
  { p2p, gateway }: Reading,
  now: number,
  options: EscalationOptions,
): Fault | undefined {
  if (slowSince === undefined || now - slowSince < options.latency.forMs) return undefined
  const beside = gateway.rttMs === undefined ? '' : `, ${ms(gateway.rttMs)} by the gateway`
  return { reason: 'latency', detail: `answers take ${ms(p2p.rttMs ?? 0)}${beside}` }
}

// After an outage the rows of both sizes begin anew, and large probes are rarer: only long after it they tell apart.
function mtuFault({ p2p, gateway }: Reading, { bigMissed, good }: EscalationOptions): Fault | undefined {
  const isHole = p2p.bigMissedInRow >= bigMissed && p2p.goodInRow >= 2 * good
  if (!isHole || gateway.bigMissedInRow >= bigMissed) return undefined
  return {
    reason: 'mtu',
    detail: `${String(p2p.bigMissedInRow)} probes as large as the MTU lost in a row, while small ones pass`,
  }
}
