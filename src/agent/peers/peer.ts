// One peer as the agent keeps it while it runs: its path, its lanes, and its agent's last word.

import { type KeyObject, randomBytes, randomFillSync } from 'node:crypto'
import type { Moment } from '../paths/moment.ts'
import type { PeerPath, PeerWord } from '../../paths/escalation/state.ts'
import type { Series } from '../../metrics/registry.ts'
import type { PeerFacts } from '../../nebula/hosts/peer-facts.ts'
import type { LaneMonitor } from '../../paths/probe/lane.ts'
import type { Lane } from '../../paths/probe/message.ts'
import type { NoticeOrder } from '../../paths/probe/order.ts'

/** The lanes that are measured. `user` is for drills only. */
export const MEASURED = ['tunnel', 'p2p', 'gateway'] as const
export type MeasuredLane = (typeof MEASURED)[number]

/** The two ends of a lane, as canonical address texts. */
export interface LaneEnds {
  readonly from: string
  readonly to: string
}

/** What is known of a peer before anything is measured. It follows from two certificates. */
export interface PeerContact {
  /** The peer's first overlay address, which names it in files, in the API and in routes. */
  readonly id: string
  readonly facts: PeerFacts
  /** The origin of the certificate. */
  readonly source: string
  /** The key of all messages with it (paths/probe/key.ts). */
  readonly key: KeyObject
  /** The first 8 bytes of the peer's fingerprint in hex, which name it on the wire. */
  readonly wireName: string
  /** The existing lanes. A lane needs an address of one family on both sides. */
  readonly ends: ReadonlyMap<Lane, LaneEnds>
}

/** When each kind of probe is sent next, in monotonic milliseconds. */
export interface ProbeClock {
  readonly next: Record<MeasuredLane, number>
  readonly nextBig: { p2p: number; gateway: number }
  /** The times from which each may be sent together with others. */
  readonly from: Record<MeasuredLane, number>
  readonly fromBig: { p2p: number; gateway: number }
  /** How many probes of a burst remain, and when the next one is sent. */
  burstLeft: number
  burstAt: number
  /** Until when a doubt keeps probes fast. */
  fastUntil: number
}

/** A peer at work. Everything in it changes with messages. */
export interface AgentPeer {
  contact: PeerContact
  path: PeerPath
  /**
   * 16 hexadecimal digits, drawn for each run of the agent and each return of the peer. Sequence numbers and
   * epochs restart with it, and the other side learns that from it.
   */
  readonly session: string
  readonly lanes: Record<MeasuredLane, LaneMonitor>
  /** Counted since the agent started. */
  readonly counts: Record<MeasuredLane, { sent: number; received: number; lost: number }>
  readonly clock: ProbeClock
  /** The peer's time of day when it was last asked. Undefined if it never was. */
  wallClock: PeerClock | undefined
  /** Grows with every message sent to this peer. */
  sequence: number
  readonly order: NoticeOrder
  word: PeerWord | undefined
  readonly refused: { p2p: boolean; gateway: boolean }
  /** When the peer's kernel was last asked whether its agent listens. */
  askedAt: number
  /** When the phase last changed. */
  changedAt: Moment
  transitions: number
  /** The metric's series, kept because looking one up is slow. */
  readonly rttSeries: Partial<Record<MeasuredLane, Series>>
}

/** Returns the next sequence number. 32 bits on the wire last 13 years at ten messages a second. */
export function nextSequence(peer: AgentPeer): number {
  peer.sequence += 1
  return peer.sequence
}

/** Returns 16 hexadecimal digits that cannot be guessed: a session or a nonce. */
export function randomHex(): string {
  return randomBytes(NONCE_BYTES).toString('hex')
}

/**
 * Returns a function that makes nonces in large quantities. A call for random bytes for each probe would cost
 * more than the probe.
 */
export function makeNonces(): () => string {
  const pool = Buffer.alloc(NONCE_BYTES * 512)
  let drawn = pool.length
  return () => {
    if (drawn === pool.length) {
      randomFillSync(pool)
      drawn = 0
    }
    drawn += NONCE_BYTES
    return pool.toString('hex', drawn - NONCE_BYTES, drawn)
  }
}

const NONCE_BYTES = 8

/** What a peer's clock showed, and when. */
interface PeerClock {
  /** Its Unix time minus our monotonic clock, in milliseconds. */
  readonly sinceSteadyMs: number
  /** Time on our monotonic clock. */
  readonly readAt: number
}
