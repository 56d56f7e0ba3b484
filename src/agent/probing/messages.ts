// The effect of a message on its peer: probes are answered, answers are counted, notices are accepted once.

import type { Lane, Message } from '../../paths/probe/message.ts'
import { heard, replied } from '../../paths/probe/lane.ts'
import { accept, learn } from '../../paths/probe/order.ts'
import { answerTo } from '../../paths/probe/packet.ts'
import type { AgentPeer, MeasuredLane } from '../peers/peer.ts'
import { advance } from './advance.ts'
import type { Arrival, Refusal } from './inbox.ts'
import { startBurst } from './pace.ts'
import { ownWord, readPeer } from './reading.ts'
import type { Scene } from './scene.ts'

/**
 * Applies a message. Returns a refusal if it is a replay or comes from an unknown run of the peer's agent.
 */
export function applyMessage(arrival: Arrival, scene: Scene): Refusal | undefined {
  const { peer, message, incoming } = arrival
  const why = apply(arrival, scene)
  if (why !== undefined) return { kind: 'refused', why, incoming, peer }
  // Containers reach the bridge too, so messages that arrive there prove nothing about the nebula link.
  if (incoming.lane !== 'gateway') scene.own.received += 1
  if (message.kind === 'heard') scene.hands.heard(peer, message)
  return undefined
}

// Returns why the message is refused.
function apply(arrival: Arrival, scene: Scene): string | undefined {
  switch (arrival.message.kind) {
    case 'probe':
      return answerProbe(arrival, scene)
    case 'echo':
      return countEcho(arrival, scene)
    case 'notice':
      return takeNotice(arrival, scene)
    case 'heard':
      return undefined
  }
}

function answerProbe(arrival: Arrival, scene: Scene): string | undefined {
  const { peer, message } = arrival
  // A replayed probe must not make the path look alive.
  const freshness = accept(peer.order, message.session, message.sequence)
  if (freshness === 'new' && isMeasured(message.lane)) heard(peer.lanes[message.lane], scene.now)
  answer(arrival, scene)
  return freshness === 'seen' ? 'replayed' : undefined
}

function countEcho({ peer, message }: Arrival, scene: Scene): string | undefined {
  const { around, hands, now } = scene
  if (!isMeasured(message.lane)) {
    hands.echoed(peer, message)
    return undefined
  }
  const rttMs = replied(peer.lanes[message.lane], message, now)
  if (typeof rttMs === 'string') return rttMs
  peer.counts[message.lane].received += 1
  peer.refused.p2p = false
  peer.refused.gateway = false
  if (takeWord(peer, message)) advance(peer, { kind: 'reading', reading: readPeer(peer, around, now) }, scene)
  hands.answered(peer, message.lane, rttMs)
  return undefined
}

/**
 * Takes the word in an echo. An echo is fresh, because it answers a nonce of ours. Echoes overtake each other
 * on two paths of different length, so an earlier epoch of the same run is ignored.
 * @returns whether the state machine must look at it
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

function takeNotice(arrival: Arrival, scene: Scene): string | undefined {
  const { peer, message } = arrival
  const freshness = accept(peer.order, message.session, message.sequence)
  if (freshness === 'foreign') {
    // It comes from an unknown run of the peer's agent, or is an old notice replayed. A fresh
    // echo tells which.
    burst(peer, scene)
    return 'foreign-session'
  }
  // A repeated notice means that its sender has not received our answer.
  answer(arrival, scene)
  if (freshness === 'seen') return undefined
  if (peer.word === undefined || message.word.epoch >= peer.word.epoch) {
    peer.word = message.word
    advance(peer, { kind: 'notice', word: message.word }, scene)
    // The peer has seen the path answer. At rest, probes are rare, and its attempt does not wait for them.
    if (message.word.phase === 'P2P_ATTEMPTING' && isResting(peer)) burst(peer, scene)
  }
  return undefined
}

// Sends from where the question arrived to where it came from.
function answer({ peer, message, incoming }: Arrival, { hands, own, now }: Scene): void {
  const said = { session: peer.session, word: ownWord(peer, now) }
  if (incoming.lane !== 'gateway') own.sent += 1
  const datagram = answerTo(message, said, peer.contact.key, incoming.datagram.length)
  hands.send(datagram, incoming.to, incoming.from, incoming.port)
}

function burst({ clock }: AgentPeer, { around: { settings }, now }: Scene): void {
  startBurst(clock, settings.probe, now, settings.escalation.silenceMs)
}

function isResting({ path: { phase } }: AgentPeer): boolean {
  return phase === 'GATEWAY_ONLY' || phase === 'GATEWAY_FALLBACK'
}

function isMeasured(lane: Lane): lane is MeasuredLane {
  return lane !== 'user'
}
