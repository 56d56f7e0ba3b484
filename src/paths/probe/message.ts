// The messages that agents exchange, one per UDP datagram, as data. packet.ts encodes them.

import type { PeerWord } from '../escalation/state.ts'

/**
 * The path of a datagram, which implies its addresses: `tunnel` between the overlay addresses, `p2p` between
 * the second and `gateway` between the third addresses of the host subnets, `user` between the bridges'
 * addresses, which use the containers' route. In the order of their numbers on the wire.
 */
export const LANES = ['tunnel', 'p2p', 'gateway', 'user'] as const
export type Lane = (typeof LANES)[number]

/**
 * `echo` answers `probe`, and `heard` answers `notice`. In the order of their numbers on the wire, from 1.
 */
export const MESSAGE_KINDS = ['probe', 'echo', 'notice', 'heard'] as const
export type MessageKind = (typeof MESSAGE_KINDS)[number]

/** One message. */
export interface Message {
  readonly kind: MessageKind
  readonly lane: Lane
  /** The first 8 bytes of the sender's and the receiver's certificate fingerprint, lowercase hex. */
  readonly from: string
  readonly to: string
  /**
   * Identifies one run of the sender's agent and, within it, the time since it learnt of the receiver.
   * Random, 16 hex digits.
   */
  readonly session: string
  /**
   * In a probe or notice: the sender's counter for this peer, from 1. In an echo or heard: the number being
   * answered.
   */
  readonly sequence: number
  /** Random, 16 hex digits. An answer repeats the nonce of the question. */
  readonly nonce: string
  /** The sender's state for this peer. */
  readonly word: PeerWord
}
