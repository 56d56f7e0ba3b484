// From the sockets to the peers: takes datagrams in, answers them, and keeps account of what was refused.

import type { Log } from '../log.ts'
import type { Message } from '../probe/message.ts'
import type { Hands } from './engine.ts'
import { type Fate, takeIn } from './incoming.ts'
import type { Loop } from './loop.ts'
import type { Meters } from './meters.ts'
import type { Notices } from './notices.ts'
import type { AgentPeer, MeasuredLane } from './peer.ts'
import type { PeerSet } from './peer-set.ts'
import type { AgentSockets, Incoming } from './sockets.ts'

/** Told of each echo on the lane of the users. */
export type UserEchoListener = (peer: AgentPeer, message: Message) => void

export interface Receiver {
  readonly take: (incoming: Incoming) => void
  /** Whoever runs a drill listens here; undefined ends that. */
  readonly listenToUserLane: (listener: UserEchoListener | undefined) => void
}

export interface ReceiverParts {
  readonly peers: Pick<PeerSet, 'byWireName'>
  readonly meters: Meters
  readonly log: Log
  readonly loop: Pick<Loop, 'around' | 'ownPackets' | 'wake'>
  readonly notices: Notices
  readonly hands: Hands
  readonly sockets: Pick<AgentSockets, 'send'>
}

// Each kind of refusal from each sender is worth one line; of senders that make up addresses, so many.
const MOST_LOGGED = 256

export function makeReceiver(parts: ReceiverParts): Receiver {
  const { peers, meters, log, loop, notices, hands, sockets } = parts
  const logged = new Set<string>()
  let userEcho: UserEchoListener | undefined

  const refuse = ({ why, peer }: Extract<Fate, { kind: 'refused' }>, { from }: Incoming): void => {
    meters.refused(why)
    const key = `${why} ${from}`
    if (logged.has(key) || logged.size >= MOST_LOGGED) return
    logged.add(key)
    const name = peer === undefined ? {} : { peer: peer.contact.facts.name }
    log('warn', 'message refused', { ...name, address: from, why })
  }

  const take = (incoming: Incoming): void => {
    const { to, from, port, lane } = incoming
    // Somebody asks our kernel whether we listen (kernel-ask.ts).
    if (incoming.datagram.length === 0) return
    // Nothing can be sent back there, and Node throws when it is tried.
    if (port === 0) return refuse({ kind: 'refused', why: 'no-port' }, incoming)
    const now = performance.now()
    const fate = takeIn(incoming, {
      around: loop.around(),
      hands,
      peerByWireName: peers.byWireName,
      answer: (datagram) => {
        if (lane !== 'gateway') loop.ownPackets.sent += 1
        sockets.send(datagram, to, from, port)
      },
      now,
    })
    if (fate.kind === 'refused') return refuse(fate, incoming)
    // What anybody on the bridge may send proves nothing about the link.
    if (lane !== 'gateway') loop.ownPackets.received += 1
    const { peer, message, rttMs } = fate
    if (message.kind === 'heard') notices.heard(peer, message)
    if (message.kind === 'echo' && message.lane === 'user') userEcho?.(peer, message)
    if (rttMs !== undefined) meters.answered(peer, message.lane as MeasuredLane, rttMs)
    if (fate.changed) loop.wake(peer)
  }

  return { take, listenToUserLane: (listener) => (userEcho = listener) }
}
