// Turns a datagram into an event: opens the packet and finds its peer. Changes nothing. Refuses a datagram
// that does not come from a known peer, on the right lane, with the right key.

import type { Message } from '../../paths/probe/message.ts'
import { open, peek } from '../../paths/probe/packet.ts'
import type { AgentPeer } from '../peers/peer.ts'
import type { Incoming } from './sockets.ts'

/** A message that its peer really sent, now or earlier. */
export interface Arrival {
  readonly kind: 'message'
  readonly peer: AgentPeer
  readonly message: Message
  readonly incoming: Incoming
}

/** A refused datagram. */
export interface Refusal {
  readonly kind: 'refused'
  readonly why: string
  readonly incoming: Incoming
  readonly peer?: AgentPeer
}

/** The hosts between which messages can pass. */
interface Correspondents {
  /** This host's name on the wire. */
  readonly wireName: string
  readonly byWireName: ReadonlyMap<string, AgentPeer>
}

/** Reads one datagram. Returns undefined for an empty one: a kernel asks whether the agent listens. */
export function readDatagram(
  incoming: Incoming,
  { wireName, byWireName }: Correspondents,
): Arrival | Refusal | undefined {
  const { datagram, lane, from, port } = incoming
  if (datagram.length === 0) return undefined
  // No answer can be sent to port 0, and Node throws on an attempt.
  if (port === 0) return { kind: 'refused', why: 'no-port', incoming }
  const head = peek(datagram)
  if (typeof head === 'string') return { kind: 'refused', why: head, incoming }
  if (head.to !== wireName) return { kind: 'refused', why: 'not-for-us', incoming }
  const peer = byWireName.get(head.from)
  if (peer === undefined) return { kind: 'refused', why: 'unknown-peer', incoming }
  const message = open(datagram, peer.contact.key)
  if (typeof message === 'string') return { kind: 'refused', why: message, incoming, peer }
  // All lanes share the pair's key. A probe that took another path must not vouch for this one.
  if (message.lane !== lane || peer.contact.ends.get(lane)?.to !== from)
    return { kind: 'refused', why: 'wrong-path', incoming, peer }
  return { kind: 'message', peer, message, incoming }
}
