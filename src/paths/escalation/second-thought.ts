// A fall must be quick, so it knows only silence or the peer's word. The seconds after it may show more. A
// second record then corrects the reason; nothing else changes.

import type { Moment } from './moment.ts'
import { isAnswering, mostRttMs, ms, silenceMs } from './lane.ts'
import type { PeerPath, Reading, Reason } from './state.ts'
import type { Fault } from './faults.ts'

/**
 * Returns whether a reason that this host observed explains the fall better than the recorded one. Our own
 * observation outranks the peer's word, and a fact explains a silence: when Nebula exits, it closes its
 * tunnels before its link disappears.
 */
export function explains(path: PeerPath, reason: Reason, now: number): boolean {
  if (path.phase !== 'GATEWAY_FALLBACK' || now - path.since > WITHIN_MS) return false
  return path.reason === 'peer-said' || (BY_SILENCE.includes(path.reason) && FACTS.includes(reason))
}

/**
 * Returns a better reason for a fall by silence or by the peer's word while one can still be found, or
 * undefined if there is none.
 */
export function secondThought(path: PeerPath, reading: Reading, moment: Moment): Fault | undefined {
  const { now } = moment
  if (path.phase !== 'GATEWAY_FALLBACK' || now - path.since > WITHIN_MS) return undefined
  if (!reading.linkUp && explains(path, 'link-gone', now)) return LINK_IS_DOWN
  const cause = path.reason === 'peer-said' ? reading.peer?.reason : path.reason
  if (cause === undefined || !BY_SILENCE.includes(cause)) return undefined
  return (
    late(path, reading, moment) ??
    lossy(path, reading, moment) ??
    (cause === 'silence' ? lostWhere(path, reading, moment) : undefined) ??
    (cause !== path.reason && cause === 'silence' ? silentHere(path, reading, moment) : undefined)
  )
}

const WITHIN_MS = 15_000
// A path that is merely slow answers while it is still probed quickly. If answers start later, the path was
// dead, and those answers were queued somewhere.
const ANSWERS_MS = 4000
const LINK_IS_DOWN: Fault = { reason: 'link-gone', detail: 'the nebula link is not up' }
// Observed facts, which explain a silence.
const FACTS: readonly Reason[] = ['link-gone', 'nebula-restarted', 'certificate']
/** Falls for which later observations may give a better reason. */
export const BY_SILENCE: readonly Reason[] = ['silence', 'one-way', 'container-path']

function late({ since }: PeerPath, { p2p, gateway }: Reading, { now, options }: Moment): Fault | undefined {
  const { rttMs, repliedAt } = p2p
  if (now - since > ANSWERS_MS) return undefined
  // The smoothed round trip is still rising, hence half the limit.
  if (rttMs === undefined || repliedAt <= since || rttMs <= mostRttMs(gateway, options) / 2) return undefined
  return { reason: 'latency', detail: `answers are late, not lost: they take ${ms(rttMs)} or more` }
}

// Under quick probing, a path that was dead for a while answers everything again, and a path that stays dead
// answers nothing. A path that answers and then misses is losing part of its packets.
function lossy(
  { since }: PeerPath,
  { p2p, gateway }: Reading,
  { now, options: { silenceMs } }: Moment,
): Fault | undefined {
  if (now - since > QUICK_TIMES * silenceMs || p2p.repliedAt <= since) return undefined
  // After a slow answer, the following probes look missed for as long as that answer took.
  if (p2p.lastRttMs === undefined || p2p.lastRttMs > silenceMs / 2) return undefined
  // The last answer is old enough for a later probe to have been sent and to be overdue.
  const isMissed = p2p.missedInRow > 0 && now - p2p.repliedAt > GAP_INTERVALS * p2p.intervalMs
  // If the gateway path misses probes too, the LAN is at fault and not this path.
  if (!isMissed || gateway.missedInRow > 0) return undefined
  return { reason: 'loss', detail: 'the path answers again, but not every probe' }
}

function lostWhere(
  { since, reason }: PeerPath,
  { p2p, tunnel, peer }: Reading,
  moment: Moment,
): Fault | undefined {
  const { now, options } = moment
  if (p2p.repliedAt > since) return undefined
  const half = options.silenceMs / 2
  // Both lanes were in doubt and probed quickly. Later on, this would also match a path that is coming back.
  const isHeard = p2p.heardAt > Math.max(since - half, p2p.repliedAt + half)
  if (isHeard && now - since <= options.silenceMs)
    return { reason: 'one-way', detail: "the peer's probes still arrive; packets from here are lost" }
  if (reason === 'silence' && peer?.reason === 'one-way')
    return { reason: 'one-way', detail: 'probes from here reach the peer; packets from there are lost' }
  // Wait several rounds, because the lanes of a recovering path come back one after another.
  const isTunnelGood = tunnel.goodInRow >= ROUNDS && isAnswering(tunnel, moment)
  if (
    reason === 'silence' &&
    isTunnelGood &&
    p2p.missedInRow >= ROUNDS &&
    now - since > ROUNDS * p2p.intervalMs
  )
    return {
      reason: 'container-path',
      detail: 'the tunnel answers, but the path between the subnets does not',
    }
  return undefined
}

// The peer fell first because its deadline expired first; ours has expired now too. If the peer's own probes
// still arrived, the reason would be one-way.
function silentHere({ countFrom }: PeerPath, { p2p }: Reading, { now, options }: Moment): Fault | undefined {
  const silence = silenceMs(p2p, countFrom, now)
  const isHeard = now - p2p.heardAt <= options.silenceMs
  if (silence <= options.silenceMs || isHeard || p2p.missedInRow < ROUNDS) return undefined
  return { reason: 'silence', detail: `no answer for ${ms(silence)} here either` }
}

const ROUNDS = 3
const GAP_INTERVALS = 2.5
/**
 * Every path is probed quickly for this many silence deadlines after a doubt or a fall by silence
 * (engine.ts).
 */
export const QUICK_TIMES = 4
