// One peer as the agent keeps it while it runs: its path, its lanes, and what its agent has said.

import { type KeyObject, randomFillSync } from 'node:crypto'
import type { PeerPath, PeerWord } from '../escalation/state.ts'
import type { Series } from '../metrics/registry.ts'
import type { PeerFacts } from '../nebula/peer.ts'
import type { LaneMonitor } from '../probe/lane.ts'
import type { Lane } from '../probe/message.ts'
import type { NoticeOrder } from '../probe/order.ts'
import type { PeerClock } from './peer-clock.ts'

/** The lanes that are measured; `user` is for drills only. */
export const MEASURED = ['tunnel', 'p2p', 'gateway'] as const
export type MeasuredLane = (typeof MEASURED)[number]

/** The two ends of a lane, canonical address texts. */
export interface LaneEnds {
  readonly from: string
  readonly to: string
}

/** What is known of a peer before anything is measured: follows from two certificates. */
export interface PeerContact {
  /** The peer's first overlay address: its name in files, in the API and in routes. */
  readonly id: string
  readonly facts: PeerFacts
  /** Where the certificate comes from. */
  readonly source: string
  /** The key of all messages with it (probe/key.ts). */
  readonly key: KeyObject
  /** First 8 bytes of the peer's fingerprint, in hex: its name on the wire. */
  readonly wireName: string
  /** The lanes there are: a lane needs an address of one family on both sides. */
  readonly ends: ReadonlyMap<Lane, LaneEnds>
}

/** When each kind of probe goes out next, monotonic milliseconds. */
export interface ProbeClock {
  readonly next: Record<MeasuredLane, number>
  readonly nextBig: { p2p: number; gateway: number }
  /** Probes of a burst that are still to be sent, and when the next one goes. */
  burstLeft: number
  burstAt: number
  /** Doubt keeps probes fast until then. */
  fastUntil: number
}

/** A peer at work. Everything in it changes as messages come and go. */
export interface AgentPeer {
  contact: PeerContact
  path: PeerPath
  /**
   * 16 hexadecimal digits, drawn for each run of the agent and each return of the peer: sequence numbers and epochs begin
   * anew with it, and the other side learns that from it.
   */
  readonly session: string
  readonly lanes: Record<MeasuredLane, LaneMonitor>
  /** Since the agent began. */
  readonly counts: Record<MeasuredLane, { sent: number; received: number; lost: number }>
  readonly clock: ProbeClock
  /** The time of day as the peer last told it; undefined while it was not asked. */
  wallClock: PeerClock | undefined
  /** Grows with every message sent to this peer. */
  sequence: number
  readonly order: NoticeOrder
  word: PeerWord | undefined
  readonly refused: { p2p: boolean; gateway: boolean }
  /** When the kernel of the peer was last asked whether its agent listens. */
  askedAt: number
  /** Wall-clock time of the last transition. */
  changedAt: Date
  transitions: number
  /** The metric's series, kept because looking one up is the slow part. */
  readonly rttSeries: Partial<Record<MeasuredLane, Series>>
}

/** The next sequence number; 32 bits on the wire, which at ten a second last 13 years. */
export function nextSequence(peer: AgentPeer): number {
  peer.sequence += 1
  return peer.sequence
}

/** 16 hexadecimal digits that nobody can guess. Drawn in large helpings: a call of its own for each probe costs more. */
export function randomHex(): string {
  if (drawn === POOL.length) {
    randomFillSync(POOL)
    drawn = 0
  }
  drawn += NONCE_BYTES
  return POOL.toString('hex', drawn - NONCE_BYTES, drawn)
}

const NONCE_BYTES = 8
const POOL = Buffer.alloc(NONCE_BYTES * 512)
let drawn = POOL.length
