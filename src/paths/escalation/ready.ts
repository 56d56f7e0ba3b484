// Whether an attempt on the direct path may start, and whether the path has passed it.

import type { Moment } from './moment.ts'
import { isAnswering, mostRttMs, ms } from './lane.ts'
import type { EscalationOptions } from './options.ts'
import type { LaneReading, PeerPath, PeerWord, Reading } from './state.ts'

/** Returns whether an attempt may start: neither side is in hold-off, and the path answers. */
export function mayAttempt(path: PeerPath, { p2p, gateway, linkUp, peer }: Reading, moment: Moment): boolean {
  const { now, options } = moment
  return (
    linkUp &&
    now >= path.holdUntil &&
    peer?.holdMs === 0 &&
    isAnswering(p2p, moment) &&
    // An attempt on a path known to be unfit would only time out. Probes are rare on a resting path, so the
    // smoothed round trip takes many of them to notice that a slow path has become fast. The attempt probes
    // quickly and waits for it.
    !isKnownHole(path, peer, p2p, options) &&
    (p2p.lastRttMs ?? 0) <= mostToTakeMs(gateway, options)
  )
}

// Large probes are rare at rest. The next attempt waits for one only after an MTU fall.
function isKnownHole(
  { reason }: PeerPath,
  peer: PeerWord,
  { bigMissedInRow }: LaneReading,
  { bigMissed }: EscalationOptions,
): boolean {
  return (reason === 'mtu' || peer.reason === 'mtu') && bigMissedInRow >= bigMissed
}

/**
 * Returns what the direct path still lacks on this side, as the end of a sentence with the figures, or
 * undefined if it is good enough. Both kinds of probes, in both sizes, must be answered.
 */
export function lacks({ p2p, tunnel, gateway, linkUp }: Reading, moment: Moment): string | undefined {
  const { options } = moment
  const { good, bigGood } = options
  if (!linkUp) return 'the nebula link is down'
  if (!isAnswering(p2p, moment)) return 'the path between the subnets does not answer'
  if (p2p.goodInRow < good) return `${String(p2p.goodInRow)} of ${String(good)} probes answered in a row`
  // Stricter than the limits for a fall. Otherwise a path with a little loss would flap.
  if (p2p.lossShort > Math.min(options.lossShort.most, options.lossLong.most))
    return `${String(Math.round(p2p.lossShort * 100))} % of the probes are lost`
  if (worstRttMs(p2p) > mostToTakeMs(gateway, options)) return `answers take ${ms(worstRttMs(p2p))}, too long`
  if (!isAnswering(tunnel, moment) || tunnel.goodInRow < TUNNEL_GOOD)
    return 'the tunnel between the hosts does not answer reliably'
  if (p2p.bigGoodInRow < bigGood)
    return `${String(p2p.bigGoodInRow)} of ${String(bigGood)} full-size probes answered in a row`
  return undefined
}

// The tunnel is probed more slowly, and the container path inside it has already proved more.
const TUNNEL_GOOD = 2
// The path is not taken if its round trip exceeds this fraction of the limit for leaving it.
const UP_PART = 0.5

function mostToTakeMs(gateway: LaneReading, options: EscalationOptions): number {
  return mostRttMs(gateway, options) * UP_PART
}

// The smoothed round trip follows a change slowly. Right after one, the last answer is the better measure.
function worstRttMs({ rttMs, lastRttMs }: LaneReading): number {
  return Math.max(rttMs ?? 0, lastRttMs ?? 0)
}
