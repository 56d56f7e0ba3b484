// One other host in the registry's work: its lease, what it knows of this host, and when to try again.

import type { ProbePace } from '../../config/agent-settings.ts'
import { compareVersions, type StateVersion } from '../../registry/host-state.ts'
import { type Lease, leaseTicks, newLease } from '../../registry/lease.ts'
import { type AgentPeer, MEASURED } from '../peers/peer.ts'

/** A conversation that is tried again after a failure, later each time. Times are counted in ticks. */
interface Attempts {
  isBusy: boolean
  failures: number
  /** Not before this tick. */
  notBefore: number
}

export interface Neighbour {
  readonly peer: AgentPeer
  lease: Lease
  /** What it has of this host; undefined if nothing is known of that. */
  acknowledged: StateVersion | undefined
  readonly push: Attempts
  readonly pull: Attempts
  /** The tick at which its own state was compared with ours last. */
  comparedAt: number
  /** Why its containers are not known or not up to date. */
  problem: string | undefined
  /** Why it does not accept the containers of this host. */
  refusal: string | undefined
}

export function newNeighbour(peer: AgentPeer): Neighbour {
  return {
    peer,
    lease: newLease(heardAt(peer)),
    acknowledged: undefined,
    push: { isBusy: false, failures: 0, notBefore: 0 },
    pull: { isBusy: false, failures: 0, notBefore: 0 },
    comparedAt: -Infinity,
    problem: undefined,
    refusal: undefined,
  }
}

/** Returns when the peer's agent was heard last on any lane, monotonic milliseconds; -Infinity if never. */
export function heardAt({ lanes }: AgentPeer): number {
  return Math.max(...MEASURED.flatMap((lane) => [lanes[lane].heardAt, lanes[lane].repliedAt]))
}

/** Returns whether the peer's agent was heard lately. */
function isHeard({ lease }: Neighbour): boolean {
  return Number.isFinite(lease.heardAt) && lease.silentTicks < SILENT_TICKS
}

/** Returns whether the lease has lapsed. */
export function hasLapsed({ lease }: Neighbour, pace: ProbePace): boolean {
  return lease.silentTicks >= leaseTicks(pace)
}

// An idle host is heard every five seconds. One that is silent for longer is sent nothing until it returns.
const SILENT_TICKS = 8

/** Returns whether this host's state must be told to the peer. */
export function needsPush(neighbour: Neighbour, own: StateVersion, tick: number): boolean {
  const { acknowledged, push } = neighbour
  if (push.isBusy || tick < push.notBefore) return false
  return isHeard(neighbour) && (acknowledged === undefined || compareVersions(acknowledged, own) !== 0)
}

/** Returns whether the peer must be asked for its state. `isMissing`: nothing that it told is in use. */
export function needsPull(neighbour: Neighbour, isMissing: boolean, tick: number): boolean {
  const { pull, comparedAt } = neighbour
  if (pull.isBusy || tick < pull.notBefore || !isHeard(neighbour)) return false
  return isMissing || tick - comparedAt >= COMPARE_TICKS
}

// Every change is pushed until it is acknowledged. This regular comparison finds what a bug may have lost.
const COMPARE_TICKS = 300

/** Counts how a conversation ended. */
export function settle(attempts: Attempts, hasWorked: boolean, tick: number): void {
  attempts.isBusy = false
  attempts.failures = hasWorked ? 0 : attempts.failures + 1
  attempts.notBefore = hasWorked ? 0 : tick + Math.min(LONGEST_PAUSE, 2 ** (attempts.failures - 1))
}

const LONGEST_PAUSE = 30

/** Returns the name of a peer in the book and on disk: its first overlay address. */
export function keyOf({ contact }: AgentPeer): string {
  return contact.id
}
