// The agent's view of a peer: its state in words and figures.

import { formatIp } from '../../addr/ip.ts'
import { formatPrefix } from '../../addr/prefix.ts'
import type { ClosedPort, LaneView, PathView } from '../../views/paths.ts'
import type { LaneReading } from '../../paths/escalation/state.ts'
import { troublesOf } from '../../paths/escalation/trouble.ts'
import { type Moment, timeOf } from './moment.ts'
import { readPeer } from '../probing/reading.ts'
import type { Surroundings } from '../probing/scene.ts'
import { type AgentPeer, MEASURED, type MeasuredLane } from '../peers/peer.ts'
import { clockView } from '../peers/peer-clock.ts'

/** The circumstances of a view. */
interface ViewContext {
  readonly around: Surroundings
  /** Monotonic milliseconds. */
  readonly now: number
  readonly moment: Moment
  /** The ports that the agent cannot open. */
  readonly closedPorts: readonly ClosedPort[]
}

/** Makes the view. @param installed whether the kernel has the direct route, the gateway route, or neither */
export function pathView(
  peer: AgentPeer,
  { around, now, moment, closedPorts }: ViewContext,
  installed: PathView['route']['installed'],
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
    ...(contact.facts.forwards === true ? { forwards: true } : {}),
    phase: path.phase,
    since: timeOf(peer.changedAt, moment).toISOString(),
    reason: path.reason,
    detail: path.detail,
    epoch: path.epoch,
    holdUntil:
      holdMs > 0 && Number.isFinite(holdMs) ? new Date(moment.at.getTime() + holdMs).toISOString() : null,
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
    troubles:
      deafness(peer, closedPorts) ?? troublesOf(path, reading, { now, options: around.settings.escalation }),
    transitions: peer.transitions,
    ...clockView(peer),
  }
}

// Without a socket of our own, silence says nothing about the peer.
function deafness({ contact }: AgentPeer, closedPorts: readonly ClosedPort[]): readonly string[] | undefined {
  const own = MEASURED.flatMap((lane) => contact.ends.get(lane)?.from ?? [])
  const closed = closedPorts.filter(({ protocol, address }) => protocol === 'udp' && own.includes(address))
  if (closed.length === 0 || closed.length < own.length) return undefined
  return [`not measured: the agent of this host cannot open UDP ${String(closed[0]?.port)}`]
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
