// Tells a peer at once that this side has changed its path, over every lane there is, until it is heard.

import { encode } from '../probe/packet.ts'
import type { Message } from '../probe/message.ts'
import { ownWord, type Surroundings } from './engine.ts'
import { type AgentPeer, MEASURED, nextSequence, randomHex } from './peer.ts'

export interface Notices {
  readonly tell: (peer: AgentPeer) => void
  /** The peer has answered one. */
  readonly heard: (peer: AgentPeer, sequence: number) => void
  readonly stop: () => void
}

// The first one usually does. The other path may be the one that is dead, hence all lanes each time.
const AGAIN_MS = [0, 40, 120, 300, 700]
const NOTICE_BYTES = 96

export function makeNotices(
  around: () => Pick<Surroundings, 'session' | 'wireName'>,
  send: (datagram: Buffer, from: string, to: string) => void,
): Notices {
  const waiting = new Map<AgentPeer, { readonly sequence: number; timers: NodeJS.Timeout[] }>()

  const forget = (peer: AgentPeer): void => {
    for (const timer of waiting.get(peer)?.timers ?? []) clearTimeout(timer)
    waiting.delete(peer)
  }
  const sendOnce = (peer: AgentPeer, message: Omit<Message, 'lane'>): void => {
    for (const lane of MEASURED) {
      const ends = peer.contact.ends.get(lane)
      if (ends !== undefined)
        send(encode({ ...message, lane }, peer.contact.key, NOTICE_BYTES), ends.from, ends.to)
    }
  }

  return {
    tell: (peer) => {
      forget(peer)
      const { session, wireName } = around()
      const sequence = nextSequence(peer)
      const message = {
        kind: 'notice',
        from: wireName,
        to: peer.contact.wireName,
        session,
        sequence,
        nonce: randomHex(),
        word: ownWord(peer, performance.now()),
      } as const
      sendOnce(peer, message)
      const timers = AGAIN_MS.slice(1).map((delay) => setTimeout(sendOnce, delay, peer, message))
      waiting.set(peer, { sequence, timers })
    },
    heard: (peer, sequence) => {
      if (waiting.get(peer)?.sequence === sequence) forget(peer)
    },
    stop: () => {
      for (const peer of waiting.keys()) forget(peer)
    },
  }
}
