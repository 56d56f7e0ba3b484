// Handles a peer that is due: sends the probes that are due, lets the state machine look at the figures, and
// determines the next look.

import type { AgentSettings } from '../../config/agent-settings.ts'
import { deadAt } from '../../paths/escalation/doubt.ts'
import { isSilent, SILENT_INTERVALS } from '../../paths/escalation/lane.ts'
import type { LaneReading, Reading } from '../../paths/escalation/state.ts'
import { expire, isWaiting, missedFrom, sent } from '../../paths/probe/lane.ts'
import { datagramBytes, encode, USUAL_BYTES } from '../../paths/probe/packet.ts'
import { type AgentPeer, MEASURED, nextSequence } from '../peers/peer.ts'
import { advance } from './advance.ts'
import { type DueProbe, nextDue, type PaceInputs, SLOT_MS, SLOTTED_FROM_MS, slotOf, takeDue } from './pace.ts'
import { ownWord, readPeer } from './reading.ts'
import type { Scene, Surroundings } from './scene.ts'

// How often the kernel of a silent peer is asked.
const ASK_MS = 1000

/**
 * Sends what is due for one peer and lets its state machine look at the figures.
 * @returns when to look at it again, in monotonic milliseconds
 */
export function turn(peer: AgentPeer, scene: Scene): number {
  const { around, hands, now } = scene
  const { settings } = around
  const inputs: PaceInputs = { phase: peer.path.phase, isBusy: around.isBusy, now }
  for (const lane of MEASURED) peer.counts[lane].lost += expire(peer.lanes[lane], now)
  for (const due of takeDue(peer.clock, settings.probe, inputs, hands.random)) probe(peer, due, scene)
  const reading = readPeer(peer, around, now)
  // A path that lost large packets is not used before they pass, and finding that out must not take a minute.
  for (const lane of ['p2p', 'gateway'] as const) {
    const { nextBig } = peer.clock
    if (reading[lane].bigMissedInRow > 0) nextBig[lane] = Math.min(nextBig[lane], now + settings.probe.idleMs)
  }
  advance(peer, { kind: 'reading', reading }, scene)
  askWhenSilent(peer, reading, scene)
  return Math.min(
    nextDue(peer.clock),
    silentAt(peer, reading, settings, now),
    lookAt(peer, reading, settings, now),
  )
}

/**
 * Returns when to look at a peer that is due, if nothing can have happened meanwhile: the path is unused,
 * every probe is answered, and it is not slow. Undefined: look now. With a hundred idle peers this spares
 * half of the looks.
 */
export function restsUntil(
  { path, clock, lanes }: AgentPeer,
  { isBusy, linkUp, settings }: Surroundings,
  now: number,
): number | undefined {
  const isAtEase = path.phase === 'P2P_ACTIVE' && path.doubtAt === undefined && path.slowSince === undefined
  if (!isAtEase || isBusy || !linkUp || now < clock.fastUntil) return undefined
  const isSlow = (lanes.p2p.roundTrip?.smoothedMs ?? Infinity) > settings.escalation.latency.mostMs
  if (isSlow || MEASURED.some((lane) => isWaiting(lanes[lane]))) return undefined
  const next = nextDue(clock)
  return next > now ? next : undefined
}

function probe(peer: AgentPeer, { lane, isBig }: DueProbe, { around, hands, own, now }: Scene): void {
  const { contact } = peer
  const ends = contact.ends.get(lane)
  if (ends === undefined) return
  const sequence = nextSequence(peer)
  const nonce = hands.nonce()
  const bytes = isBig ? datagramBytes(around.mtuBytes, ends.to) : USUAL_BYTES
  const message = {
    kind: 'probe',
    lane,
    from: around.wireName,
    to: contact.wireName,
    session: peer.session,
    sequence,
    nonce,
    word: ownWord(peer, now),
  } as const
  sent(peer.lanes[lane], { sequence, nonce, isBig }, now)
  peer.counts[lane].sent += 1
  if (lane !== 'gateway') own.sent += 1
  hands.send(encode(message, contact.key, bytes), ends.from, ends.to)
}

// The deadline gets its own look. Waiting for the next probe would add its interval to the outage.
function silentAt({ path }: AgentPeer, { p2p }: Reading, { escalation }: AgentSettings, now: number): number {
  if (path.phase !== 'P2P_ACTIVE') return Infinity
  const doubtAt = Math.max(p2p.repliedAt, path.countFrom) + escalation.silenceIntervals * p2p.intervalMs + 1
  const next = path.doubtAt === undefined ? doubtAt : deadAt(path, p2p, escalation) + 1
  return next > now ? next : Infinity
}

// Slow probes leave seconds until the next look, and changes that come with time alone must not wait for it.
function lookAt(
  { path, lanes }: AgentPeer,
  { p2p, gateway }: Reading,
  { escalation: { latency, silenceMs } }: AgentSettings,
  now: number,
): number {
  const { countFrom, slowSince } = path
  const moments = [
    // An overdue answer is looked at with the other work of a slot.
    ...[p2p, gateway].map(({ intervalMs }, index) => {
      const at =
        intervalMs < SLOTTED_FROM_MS
          ? Infinity
          : missedFrom(index === 0 ? lanes.p2p : lanes.gateway, intervalMs)
      return slotOf(at) + SLOT_MS
    }),
    // The gateway path has been silent for too long to be an alternative.
    Math.max(gateway.repliedAt, countFrom) + Math.max(SILENT_INTERVALS * gateway.intervalMs, silenceMs) + 1,
    path.holdUntil,
    slowSince === undefined ? Infinity : slowSince + latency.forMs,
  ]
  return Math.min(...moments.filter((at) => at > now))
}

function askWhenSilent(peer: AgentPeer, reading: Reading, { around, hands, now }: Scene): void {
  const { escalation } = around.settings
  const silent = (lane: LaneReading): boolean =>
    isSilent(lane, peer.path.countFrom, { now, options: escalation })
  const { path } = peer
  // The burst of a doubt asks both paths. If the gateway path answered none of it, there is no
  // point in waiting.
  const isBurstLost =
    now > deadAt(path, reading.p2p, escalation) && reading.gateway.repliedAt < (path.doubtAt ?? -Infinity)
  if (now - peer.askedAt < ASK_MS || !(isBurstLost || (silent(reading.p2p) && silent(reading.gateway))))
    return
  peer.askedAt = now
  hands.askKernel(peer)
}
