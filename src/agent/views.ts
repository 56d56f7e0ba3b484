// What the agent shows of a peer: its state in words and figures.

import { formatIp } from '../addr/ip.ts'
import { formatPrefix } from '../addr/prefix.ts'
import type { LaneView, PathView } from '../api/views.ts'
import type { LaneReading } from '../escalation/state.ts'
import { troublesOf } from '../escalation/trouble.ts'
import { readPeer, type Surroundings } from './engine.ts'
import type { AgentPeer, MeasuredLane } from './peer.ts'
import { clockView } from './peer-clock.ts'

/** @param installed whether the kernel has the P2P route, the gateway route, or neither */
export function pathView(
  peer: AgentPeer,
  around: Surroundings,
  installed: PathView['route']['installed'],
  now: number,
): PathView {
  const { contact, path } = peer
  const reading = readPeer(peer, around, now)
  const lane = (name: MeasuredLane): LaneView => laneView(peer, name, reading[name], now)
  const holdMs = path.holdUntil - now
  return {
    name: contact.facts.name,
    overlay: contact.facts.overlay.map(formatIp),
    subnets: contact.facts.subnets.map(formatPrefix),
    fingerprint: contact.facts.fingerprint,
    source: contact.source,
    notAfter: new Date(contact.facts.notAfter * 1000).toISOString(),
    phase: path.phase,
    since: peer.changedAt.toISOString(),
    reason: path.reason,
    detail: path.detail,
    epoch: path.epoch,
    holdUntil: holdMs > 0 && Number.isFinite(holdMs) ? new Date(Date.now() + holdMs).toISOString() : null,
    p2p: lane('p2p'),
    tunnel: lane('tunnel'),
    gateway: lane('gateway'),
    route: { wanted: path.phase === 'P2P_ACTIVE' ? 'p2p' : 'gateway', installed },
    mtuBytes: around.mtuBytes,
    peer:
      peer.word === undefined
        ? null
        : {
            phase: peer.word.phase,
            ready: peer.word.ready,
            reason: peer.word.reason,
            epoch: peer.word.epoch,
          },
    troubles: troublesOf(path, reading, now, around.settings.escalation),
    transitions: peer.transitions,
    ...clockView(peer),
  }
}

function laneView(peer: AgentPeer, name: MeasuredLane, reading: LaneReading, now: number): LaneView {
  const { sent, received } = peer.counts[name]
  return {
    repliedAgoMs: ago(reading.repliedAt, now),
    heardAgoMs: ago(reading.heardAt, now),
    rttMs: reading.rttMs === undefined ? null : Math.round(reading.rttMs * 100) / 100,
    loss: Math.max(reading.lossShort, reading.lossLong),
    sent,
    received,
    bigMissedInRow: reading.bigMissedInRow,
    bigPasses: reading.bigGoodInRow > 0 ? true : reading.bigMissedInRow > 0 ? false : null,
  }
}

function ago(moment: number, now: number): number | null {
  return Number.isFinite(moment) ? Math.round(now - moment) : null
}
