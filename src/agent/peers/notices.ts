// Tells a peer immediately that this side has changed its path, on every lane, until the peer has heard it.

import { encode, USUAL_BYTES } from '../../paths/probe/packet.ts'
import type { Message } from '../../paths/probe/message.ts'
import type { Clock } from '../probing/clock.ts'
import { ownWord } from '../probing/reading.ts'
import type { Surroundings } from '../probing/scene.ts'
import { type AgentPeer, MEASURED, nextSequence, randomHex } from './peer.ts'

export interface Notices {
  readonly tell: (peer: AgentPeer) => void
  /** Notes that the peer has answered. An answer recorded in an earlier run has another nonce. */
  readonly heard: (peer: AgentPeer, answer: Pick<Message, 'sequence' | 'nonce'>) => void
  readonly stop: () => void
}

// The first notice usually arrives. Each one uses all lanes, because the other path may be the dead one.
const AGAIN_MS = [40, 120, 300, 700]
// The answer to the last notice may take a while.
const FORGET_MS = 3000

interface Waiting extends Pick<Message, 'sequence' | 'nonce'> {
  readonly callOff: readonly (() => void)[]
}

/** Makes the notices. @param onLink called with the number of packets sent over the nebula link */
export function makeNotices(
  around: () => Pick<Surroundings, 'wireName'>,
  send: (datagram: Buffer, from: string, to: string) => void,
  onLink: (packets: number) => void,
  clock: Clock,
): Notices {
  const waiting = new Map<AgentPeer, Waiting>()

  const forget = (peer: AgentPeer): void => {
    for (const callOff of waiting.get(peer)?.callOff ?? []) callOff()
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
        word: ownWord(peer, clock.now()),
      } as const
      sendOnce(peer, message)
      const callOff = AGAIN_MS.map((delay) => clock.after(delay, () => sendOnce(peer, message)))
      // A peer that has left never answers, and must not be kept for that.
      callOff.push(clock.after(FORGET_MS, () => forget(peer)))
      waiting.set(peer, { sequence: message.sequence, nonce: message.nonce, callOff })
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
