// Tells a peer at once that this side has changed its path, over every lane there is, until it is heard.

import { encode, USUAL_BYTES } from '../probe/packet.ts'
import type { Message } from '../probe/message.ts'
import { ownWord, type Surroundings } from './engine.ts'
import { type AgentPeer, MEASURED, nextSequence, randomHex } from './peer.ts'

export interface Notices {
  readonly tell: (peer: AgentPeer) => void
  /** The peer has answered one; an answer that was recorded in an earlier run has another nonce. */
  readonly heard: (peer: AgentPeer, answer: Pick<Message, 'sequence' | 'nonce'>) => void
  readonly stop: () => void
}

// The first one usually does. The other path may be the one that is dead, hence all lanes each time.
const AGAIN_MS = [40, 120, 300, 700]
// The answer to the last one may take a while.
const FORGET_MS = 3000

interface Waiting extends Pick<Message, 'sequence' | 'nonce'> {
  readonly timers: readonly NodeJS.Timeout[]
}

/** @param onLink told of each packet that goes over the nebula link */
export function makeNotices(
  around: () => Pick<Surroundings, 'wireName'>,
  send: (datagram: Buffer, from: string, to: string) => void,
  onLink: (packets: number) => void,
): Notices {
  const waiting = new Map<AgentPeer, Waiting>()

  const forget = (peer: AgentPeer): void => {
    for (const timer of waiting.get(peer)?.timers ?? []) clearTimeout(timer)
    waiting.delete(peer)
  }
  const sendOnce = (peer: AgentPeer, message: Omit<Message, 'lane'>): void => {
    for (const lane of MEASURED) {
      const ends = peer.contact.ends.get(lane)
      if (ends === undefined) continue
      if (lane !== 'gateway') onLink(1)
      send(encode({ ...message, lane }, peer.contact.key, USUAL_BYTES), ends.from, ends.to)
    }
  }

  return {
    tell: (peer) => {
      forget(peer)
      const { wireName } = around()
      const message = {
        kind: 'notice',
        from: wireName,
        to: peer.contact.wireName,
        session: peer.session,
        sequence: nextSequence(peer),
        nonce: randomHex(),
        word: ownWord(peer, performance.now()),
      } as const
      sendOnce(peer, message)
      const timers = AGAIN_MS.map((delay) => setTimeout(sendOnce, delay, peer, message))
      // A peer that has left never answers, and must not be kept for that.
      timers.push(setTimeout(forget, FORGET_MS, peer))
      waiting.set(peer, { sequence: message.sequence, nonce: message.nonce, timers })
    },
    heard: (peer, { sequence, nonce }) => {
      const told = waiting.get(peer)
      if (told?.sequence === sequence && told.nonce === nonce) forget(peer)
    },
    stop: () => {
      for (const peer of waiting.keys()) forget(peer)
    },
  }
}
