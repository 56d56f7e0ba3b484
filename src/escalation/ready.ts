// Whether the P2P path may be tried, and whether it has proved itself.

import { isAnswering, mostRttMs, ms } from './lane.ts'
import type { EscalationOptions } from './options.ts'
import type { LaneReading, PeerPath, PeerWord, Reading } from './state.ts'

/** Whether an attempt may begin: nothing holds either side back, and the path answers. */
export function mayAttempt(
  path: PeerPath,
  { p2p, gateway, linkUp, peer }: Reading,
  now: number,
  options: EscalationOptions,
): boolean {
  return (
    linkUp &&
    now >= path.holdUntil &&
    peer?.holdMs === 0 &&
    isAnswering(p2p, now, options) &&
    // What is known to be unfit would only run out of time. The smoothed round trip knows of a slow path that has become quick
    // only after many of a resting path's rare probes; the attempt, which probes quickly, waits for it.
    !isKnownHole(path, peer, p2p, options) &&
    (p2p.lastRttMs ?? 0) <= mostToTakeMs(gateway, options)
  )
}

// Large probes are rare at rest: only after a fall that was about them does the next attempt wait for one of them.
function isKnownHole(
  { reason }: PeerPath,
  peer: PeerWord,
  { bigMissedInRow }: LaneReading,
  { bigMissed }: EscalationOptions,
): boolean {
  return (reason === 'mtu' || peer.reason === 'mtu') && bigMissedInRow >= bigMissed
}

/**
 * What P2P still lacks on this side, as a sentence's end with the figures; undefined: nothing, it is good enough. Both
 * kinds of probes, of both sizes, have to be answered.
 */
export function lacks(
  { p2p, tunnel, gateway, linkUp }: Reading,
  now: number,
  options: EscalationOptions,
): string | undefined {
  const { good, bigGood } = options
  if (!linkUp) return 'the nebula link is down'
  if (!isAnswering(p2p, now, options)) return 'the path between the subnets does not answer'
  if (p2p.goodInRow < good) return `${String(p2p.goodInRow)} of ${String(good)} probes answered in a row`
  // Stricter than the fall, or a path that loses a little would go up and down.
  if (p2p.lossShort > Math.min(options.lossShort.most, options.lossLong.most))
    return `${String(Math.round(p2p.lossShort * 100))} % of the probes are lost`
  if (worstRttMs(p2p) > mostToTakeMs(gateway, options)) return `answers take ${ms(worstRttMs(p2p))}`
  if (!isAnswering(tunnel, now, options) || tunnel.goodInRow < TUNNEL_GOOD)
    return 'the tunnel between the hosts does not answer steadily'
  if (p2p.bigGoodInRow < bigGood)
    return `${String(p2p.bigGoodInRow)} of ${String(bigGood)} probes as large as the MTU answered in a row`
  return undefined
}

// The tunnel is probed more slowly; the container path, which lies within it, has proved more already.
const TUNNEL_GOOD = 2
// Nearer than this to what makes P2P be left, it is not taken.
const UP_PART = 0.5

function mostToTakeMs(gateway: LaneReading, options: EscalationOptions): number {
  return mostRttMs(gateway, options) * UP_PART
}

// The smoothed round trip follows a change slowly: right after one the last answer tells more.
function worstRttMs({ rttMs, lastRttMs }: LaneReading): number {
  return Math.max(rttMs ?? 0, lastRttMs ?? 0)
}
