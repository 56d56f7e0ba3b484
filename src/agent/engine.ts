// The loop of the agent: sends what is due, asks the state machine, and hands on what it decides. It knows neither
// files nor routes nor sockets: those are its hands.

import type { AgentSettings } from '../config/agent-settings.ts'
import { deadAt } from '../escalation/doubt.ts'
import { isSilent } from '../escalation/lane.ts'
import { QUICK_TIMES } from '../escalation/second-thought.ts'
import type {
  EscalationAction,
  EscalationEvent,
  LaneReading,
  PeerWord,
  Reading,
} from '../escalation/state.ts'
import { step } from '../escalation/step.ts'
import { expire, readingOf, sent, startAnew } from '../probe/lane.ts'
import { datagramBytes, encode, USUAL_BYTES } from '../probe/packet.ts'
import { type DueProbe, endBurst, intervalOf, nextDue, type PaceInputs, startBurst, takeDue } from './pace.ts'
import { type AgentPeer, MEASURED, type MeasuredLane, nextSequence, randomHex } from './peer.ts'

/** What the engine acts through. */
export interface Hands {
  readonly send: (datagram: Buffer, from: string, to: string) => void
  /** One of install, withdraw, tell, repair, record, in the order in which they have to happen. */
  readonly act: (peer: AgentPeer, action: EscalationAction) => void
  /** Both paths are silent: ask the peer's kernel whether anybody listens there. */
  readonly askKernel: (peer: AgentPeer) => void
  readonly random: () => number
}

/** What is true for all peers at this moment. */
export interface Surroundings {
  readonly settings: AgentSettings
  /** This host's name on the wire. */
  readonly wireName: string
  readonly linkUp: boolean
  readonly hasGateway: (peer: AgentPeer) => boolean
  /** Containers use the nebula link. */
  readonly isBusy: boolean
  /** Bytes of an IP packet that has to pass on either path. */
  readonly mtuBytes: number
}

/** Our own messages on the nebula link since the last call: what the traffic watch takes off. */
export interface OwnPackets {
  sent: number
  received: number
}

// How often the kernel of a silent peer is asked.
const ASK_MS = 1000

/**
 * Sends what is due for one peer and lets its state machine look at the figures.
 * @returns when it has to be looked at again, monotonic milliseconds
 */
export function turn(
  peer: AgentPeer,
  around: Surroundings,
  hands: Hands,
  own: OwnPackets,
  now: number,
): number {
  const { settings } = around
  const inputs: PaceInputs = { phase: peer.path.phase, isBusy: around.isBusy, now }
  for (const lane of MEASURED) peer.counts[lane].lost += expire(peer.lanes[lane], now)
  for (const due of takeDue(peer.clock, settings.probe, inputs, hands.random))
    probe(peer, due, around, hands, own, now)
  const reading = readPeer(peer, around, now)
  // A path on which large packets were lost is not taken before they pass: whether they do must not wait a minute.
  for (const lane of ['p2p', 'gateway'] as const) {
    const { nextBig } = peer.clock
    if (reading[lane].bigMissedInRow > 0) nextBig[lane] = Math.min(nextBig[lane], now + settings.probe.idleMs)
  }
  judge(peer, { kind: 'reading', reading }, around, hands, now)
  askWhenSilent(peer, reading, around, hands, now)
  return Math.min(nextDue(peer.clock), silentAt(peer, reading, settings, now))
}

/** Gives an event to the state machine and hands on what comes of it. */
export function judge(
  peer: AgentPeer,
  event: EscalationEvent,
  { settings }: Surroundings,
  hands: Hands,
  now: number,
): void {
  const { path, actions } = step(peer.path, event, now, settings.escalation, hands.random)
  // Answered: with a hundred peers whose first traffic comes after a quiet while the rest of their bursts is a thousand probes.
  if (peer.path.doubtAt !== undefined && path.doubtAt === undefined && path.phase === 'P2P_ACTIVE')
    endBurst(peer.clock)
  if (peer.path.phase !== 'P2P_ACTIVE' && path.phase === 'P2P_ACTIVE') startAnew(peer.lanes.p2p)
  peer.path = path
  for (const action of actions) {
    if (action.kind === 'burst')
      startBurst(peer.clock, settings.probe, now, settings.escalation.silenceMs * QUICK_TIMES)
    else hands.act(peer, action)
  }
}

/** What this side says of itself in every message to the peer. */
export function ownWord({ path }: AgentPeer, now: number): PeerWord {
  return {
    phase: path.phase,
    epoch: path.epoch,
    ready: path.ready,
    holdMs: Math.max(0, Math.min(MOST_HOLD_MS, Math.round(path.holdUntil - now))),
    reason: path.reason,
  }
}

const MOST_HOLD_MS = 2 ** 32 - 1

/** All figures of a peer. */
export function readPeer(peer: AgentPeer, around: Surroundings, now: number): Reading {
  const inputs: PaceInputs = { phase: peer.path.phase, isBusy: around.isBusy, now }
  const read = (lane: MeasuredLane) =>
    readingOf(peer.lanes[lane], now, intervalOf(lane, peer.clock, around.settings.probe, inputs))
  return {
    tunnel: read('tunnel'),
    p2p: read('p2p'),
    gateway: read('gateway'),
    linkUp: around.linkUp,
    hasGateway: around.hasGateway(peer),
    peer: peer.word,
    refused: peer.refused,
  }
}

function probe(
  peer: AgentPeer,
  { lane, isBig }: DueProbe,
  around: Surroundings,
  hands: Hands,
  own: OwnPackets,
  now: number,
): void {
  const { contact } = peer
  const ends = contact.ends.get(lane)
  if (ends === undefined) return
  const sequence = nextSequence(peer)
  const nonce = randomHex()
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

// The deadline has a look of its own: waiting for the next probe would add its interval to the outage.
function silentAt({ path }: AgentPeer, { p2p }: Reading, { escalation }: AgentSettings, now: number): number {
  if (path.phase !== 'P2P_ACTIVE') return Infinity
  const doubtAt = Math.max(p2p.repliedAt, path.countFrom) + escalation.silenceIntervals * p2p.intervalMs + 1
  const next = path.doubtAt === undefined ? doubtAt : deadAt(path, p2p, escalation) + 1
  return next > now ? next : Infinity
}

function askWhenSilent(
  peer: AgentPeer,
  reading: Reading,
  { settings: { escalation } }: Surroundings,
  hands: Hands,
  now: number,
): void {
  const silent = (lane: LaneReading): boolean => isSilent(lane, peer.path.countFrom, now, escalation)
  const { path } = peer
  // The burst of a doubt asks both paths: whoever answered none of it need not be waited for.
  const isBurstLost =
    now > deadAt(path, reading.p2p, escalation) && reading.gateway.repliedAt < (path.doubtAt ?? -Infinity)
  if (now - peer.askedAt < ASK_MS || !(isBurstLost || (silent(reading.p2p) && silent(reading.gateway))))
    return
  peer.askedAt = now
  hands.askKernel(peer)
}
