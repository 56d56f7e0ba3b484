// A fall has to be quick, and silence is all that is known then. What is seen in the seconds after it may tell more:
// the reason is put right in a record of its own, and nothing else changes.

import { isAnswering, mostRttMs, ms } from './lane.ts'
import type { EscalationOptions } from './options.ts'
import type { PeerPath, Reading, Reason } from './state.ts'
import type { Fault } from './verdict.ts'

/** The better reason for a fall by silence, while it can still be told; undefined: there is none. */
export function secondThought(
  path: PeerPath,
  reading: Reading,
  now: number,
  options: EscalationOptions,
): Fault | undefined {
  if (path.phase !== 'GATEWAY_FALLBACK' || now - path.since > WITHIN_MS) return undefined
  const cause = path.reason === 'peer-said' ? reading.peer?.reason : path.reason
  if (cause === undefined || !BY_SILENCE.includes(cause)) return undefined
  return (
    late(path, reading, now, options) ??
    lossy(path, reading, now, options) ??
    (cause === 'silence' ? lostWhere(path, reading, now, options) : undefined)
  )
}

const WITHIN_MS = 15_000
// A path that is merely slow answers while it is still probed quickly. One that begins to answer later was dead, and what
// comes then has lain waiting somewhere.
const ANSWERS_MS = 4000
/** Falls that may be explained better by what is seen after them. */
export const BY_SILENCE: readonly Reason[] = ['silence', 'one-way', 'container-path']

function late(
  { since }: PeerPath,
  { p2p, gateway }: Reading,
  now: number,
  options: EscalationOptions,
): Fault | undefined {
  const { rttMs, repliedAt } = p2p
  if (now - since > ANSWERS_MS) return undefined
  // The smoothed round trip is still on its way up.
  if (rttMs === undefined || repliedAt <= since || rttMs <= mostRttMs(gateway, options) / 2) return undefined
  return { reason: 'latency', detail: `the answers were late, not lost: they take ${ms(rttMs)} or more` }
}

// While it is still probed quickly, a path that has only been dead for a while answers everything again, and one that lies
// dead answers nothing: one that answers and then misses loses some of what goes over it.
function lossy(
  { since }: PeerPath,
  { p2p, gateway }: Reading,
  now: number,
  { silenceMs }: EscalationOptions,
): Fault | undefined {
  if (now - since > QUICK_TIMES * silenceMs || p2p.repliedAt <= since) return undefined
  // A slow answer makes those after it look missed for as long as it took.
  if (p2p.lastRttMs === undefined || p2p.lastRttMs > silenceMs / 2) return undefined
  // Long enough ago for a probe to have gone out since, and to be overdue.
  const isMissed = p2p.missedInRow > 0 && now - p2p.repliedAt > GAP_INTERVALS * p2p.intervalMs
  // The office network as a whole: no fault of this path's.
  if (!isMissed || gateway.missedInRow > 0) return undefined
  return { reason: 'loss', detail: 'it answers again, but not every probe' }
}

function lostWhere(
  { since, reason }: PeerPath,
  { p2p, tunnel, peer }: Reading,
  now: number,
  options: EscalationOptions,
): Fault | undefined {
  if (p2p.repliedAt > since) return undefined
  const half = options.silenceMs / 2
  // Both were in doubt and probed quickly. Later it would also fit a path that is coming back.
  const isHeard = p2p.heardAt > Math.max(since - half, p2p.repliedAt + half)
  if (isHeard && now - since <= options.silenceMs)
    return { reason: 'one-way', detail: "the peer's probes still arrive: what we send is lost" }
  if (reason === 'silence' && peer?.reason === 'one-way')
    return { reason: 'one-way', detail: 'our probes reach the peer: what it sends is lost' }
  // Several rounds: a path that comes back does so one lane after the other.
  const isTunnelGood = tunnel.goodInRow >= ROUNDS && isAnswering(tunnel, now, options)
  if (
    reason === 'silence' &&
    isTunnelGood &&
    p2p.missedInRow >= ROUNDS &&
    now - since > ROUNDS * p2p.intervalMs
  )
    return { reason: 'container-path', detail: 'the tunnel answers, the path between the subnets does not' }
  return undefined
}

const ROUNDS = 3
const GAP_INTERVALS = 2.5
/** For so many silence deadlines from a doubt on, and from a fall by silence, every path is probed quickly (engine.ts). */
export const QUICK_TIMES = 4
