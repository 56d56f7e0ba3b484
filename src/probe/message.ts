// What agents say to each other in one UDP datagram, as data. packet.ts has the bytes.

import type { PeerWord } from '../escalation/state.ts'

/**
 * Where a datagram travels, and at the same time between which addresses: `tunnel` between the overlay addresses,
 * `p2p` between the second and `gateway` between the third addresses of the host subnets, `user` between the bridges'
 * addresses, whose route is the containers'. In the order of their numbers on the wire.
 */
export const LANES = ['tunnel', 'p2p', 'gateway', 'user'] as const
export type Lane = (typeof LANES)[number]

/** `probe` is answered by `echo`, `notice` by `heard`. In the order of their numbers on the wire, from 1. */
export const MESSAGE_KINDS = ['probe', 'echo', 'notice', 'heard'] as const
export type MessageKind = (typeof MESSAGE_KINDS)[number]

/** One message. */
export interface Message {
  readonly kind: MessageKind
  readonly lane: Lane
  /** First 8 bytes of the fingerprints of the sender's and the receiver's certificate, lower-case hex. */
  readonly from: string
  readonly to: string
  /** The sender's run of its agent, and in it the time that it has known the receiver: random, 16 hexadecimal digits. */
  readonly session: string
  /** Of a probe or notice: counted by the sender per peer from 1. Of an echo or heard: the one answered. */
  readonly sequence: number
  /** Random, 16 hexadecimal digits; an answer repeats the question's. */
  readonly nonce: string
  /** What the sender's state machine for this peer says. */
  readonly word: PeerWord
}
