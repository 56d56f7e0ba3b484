// What comes in by UDP: probes are answered, answers are counted, notices are believed once. Everything that is not from a
// known peer, by the right lane and with the right key, is refused and counted.

import type { Lane, Message } from '../probe/message.ts'
import { heard, replied } from '../probe/lane.ts'
import { accept, learn } from '../probe/order.ts'
import { answerTo, open, peek } from '../probe/packet.ts'
import { judge, type Hands, ownWord, readPeer, type Surroundings } from './engine.ts'
import { startBurst } from './pace.ts'
import type { AgentPeer, MeasuredLane } from './peer.ts'
import type { Incoming } from './sockets.ts'

/** How a datagram ended: taken, or why not. */
export type Fate =
  | {
      readonly kind: 'taken'
      readonly peer: AgentPeer
      readonly message: Message
      readonly rttMs?: number
      /** The peer's phase is another one than before, or a burst of probes has begun: it has to be looked at. */
      readonly changed: boolean
    }
  | { readonly kind: 'refused'; readonly why: string; readonly peer?: AgentPeer }

/** What {@link takeIn} needs beside the datagram. */
export interface Reception {
  readonly around: Surroundings
  readonly hands: Hands
  readonly peerByWireName: ReadonlyMap<string, AgentPeer>
  /** Sends an answer from where the question arrived to where it came from. */
  readonly answer: (datagram: Buffer) => void
  readonly now: number
}

/** Takes one datagram in. */
export function takeIn(arrival: Incoming, reception: Reception): Fate {
  const { peerByWireName, around } = reception
  const head = peek(arrival.datagram)
  if (typeof head === 'string') return { kind: 'refused', why: head }
  if (head.to !== around.wireName) return { kind: 'refused', why: 'not-for-us' }
  const peer = peerByWireName.get(head.from)
  if (peer === undefined) return { kind: 'refused', why: 'unknown-peer' }
  const message = open(arrival.datagram, peer.contact.key)
  if (typeof message === 'string') return { kind: 'refused', why: message, peer }
  // The key is the pair's, for all lanes: a probe that came another way would vouch for a path it did not take.
  if (message.lane !== arrival.lane || peer.contact.ends.get(arrival.lane)?.to !== arrival.from)
    return { kind: 'refused', why: 'wrong-path', peer }
  const before = peer.path.phase
  const fate = believe(peer, message, arrival, reception)
  if (fate.kind !== 'taken') return fate
  return { ...fate, changed: peer.path.phase !== before || peer.clock.burstAt === reception.now }
}

type Believed = Omit<Extract<Fate, { kind: 'taken' }>, 'changed'> | Extract<Fate, { kind: 'refused' }>

function believe(peer: AgentPeer, message: Message, arrival: Incoming, reception: Reception): Believed {
  switch (message.kind) {
    case 'probe':
      return answerProbe(peer, message, arrival, reception)
    case 'echo':
      return countEcho(peer, message, reception)
    case 'notice':
      return takeNotice(peer, message, arrival, reception)
    case 'heard':
      return { kind: 'taken', peer, message }
  }
}

function answerProbe(peer: AgentPeer, message: Message, arrival: Incoming, reception: Reception): Believed {
  const { now } = reception
  // A probe played back by somebody who listened must not pass for a sign of life.
  const verdict = accept(peer.order, message.session, message.sequence)
  if (verdict === 'new' && isMeasured(message.lane)) heard(peer.lanes[message.lane], now)
  const said = { session: peer.session, word: ownWord(peer, now) }
  reception.answer(answerTo(message, said, peer.contact.key, arrival.datagram.length))
  return verdict === 'seen' ? { kind: 'refused', why: 'replayed', peer } : { kind: 'taken', peer, message }
}

function countEcho(peer: AgentPeer, message: Message, reception: Reception): Believed {
  const { around, hands, now } = reception
  // Drills count their own.
  if (!isMeasured(message.lane)) return { kind: 'taken', peer, message }
  const rttMs = replied(peer.lanes[message.lane], message, now)
  if (typeof rttMs === 'string') return { kind: 'refused', why: rttMs, peer }
  peer.counts[message.lane].received += 1
  peer.refused.p2p = false
  peer.refused.gateway = false
  if (takeWord(peer, message))
    judge(peer, { kind: 'reading', reading: readPeer(peer, around, now) }, around, hands, now)
  return { kind: 'taken', peer, message, rttMs }
}

/**
 * The word in an echo is fresh: it answers a nonce of ours. Echoes overtake each other on two paths of different length,
 * so an earlier epoch of the same run is passed over.
 * @returns whether it is worth a look of the state machine
 */
function takeWord(peer: AgentPeer, { session, word }: Message): boolean {
  const before = peer.word
  const order = learn(peer.order, session)
  if (order === 'past') return false
  const isNew = order === 'new'
  if (!isNew && before !== undefined && word.epoch < before.epoch) return false
  peer.word = word
  return (
    before === undefined ||
    isNew ||
    word.phase !== before.phase ||
    word.ready !== before.ready ||
    (word.holdMs === 0) !== (before.holdMs === 0)
  )
}

function takeNotice(peer: AgentPeer, message: Message, arrival: Incoming, reception: Reception): Believed {
  const { around, hands, now } = reception
  const verdict = accept(peer.order, message.session, message.sequence)
  if (verdict === 'foreign') {
    // Another run of the peer's agent than the one we know, or somebody who plays old notices: a fresh echo will tell.
    startBurst(peer.clock, around.settings.probe, now, around.settings.escalation.silenceMs)
    return { kind: 'refused', why: 'foreign-session', peer }
  }
  // One that comes again was not heard of by its sender.
  const said = { session: peer.session, word: ownWord(peer, now) }
  reception.answer(answerTo(message, said, peer.contact.key, arrival.datagram.length))
  if (verdict === 'seen') return { kind: 'taken', peer, message }
  if (peer.word === undefined || message.word.epoch >= peer.word.epoch) {
    peer.word = message.word
    judge(peer, { kind: 'notice', word: message.word }, around, hands, now)
    // It has seen the path answer. At rest we ask once in a while only, and its attempt does not wait for that.
    if (message.word.phase === 'P2P_ATTEMPTING' && isResting(peer))
      startBurst(peer.clock, around.settings.probe, now, around.settings.escalation.silenceMs)
  }
  return { kind: 'taken', peer, message }
}

function isResting({ path: { phase } }: AgentPeer): boolean {
  return phase === 'GATEWAY_ONLY' || phase === 'GATEWAY_FALLBACK'
}

function isMeasured(lane: Lane): lane is MeasuredLane {
  return lane !== 'user'
}
