// What can be read of a peer at any time: its figures, and the word that this side sends it.

import type { PeerWord, Reading } from '../../paths/escalation/state.ts'
import { readingOf } from '../../paths/probe/lane.ts'
import type { AgentPeer, MeasuredLane } from '../peers/peer.ts'
import { intervalOf, type PaceInputs } from './pace.ts'
import type { Surroundings } from './scene.ts'

/** Reads all figures of a peer. */
export function readPeer(peer: AgentPeer, around: Surroundings, now: number): Reading {
  const inputs: PaceInputs = { phase: peer.path.phase, isBusy: around.isBusy, now }
  const read = (lane: MeasuredLane) =>
    readingOf(peer.lanes[lane], now, intervalOf(lane, peer.clock, around.settings.probe, inputs))
  return {
    tunnel: read('tunnel'),
    p2p: read('p2p'),
    gateway: read('gateway'),
    linkUp: around.linkUp,
    hasGateway: around.hasGateway(peer),
    peer: peer.word,
    refused: peer.refused,
  }
}

/** Returns the word that this side sends in every message to the peer. */
export function ownWord({ path }: AgentPeer, now: number): PeerWord {
  return {
    phase: path.phase,
    epoch: path.epoch,
    ready: path.ready,
    holdMs: Math.max(0, Math.min(MOST_HOLD_MS, Math.round(path.holdUntil - now))),
    reason: path.reason,
  }
}

const MOST_HOLD_MS = 2 ** 32 - 1
