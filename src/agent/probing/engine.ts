// The agent's engine, the one place where a peer's state changes. Events of datagrams and of timers pass
// through it alike. It uses no files, routes or sockets; its hands do.

import type { EscalationEvent } from '../../paths/escalation/state.ts'
import { forgive } from '../../paths/probe/lane.ts'
import { type AgentPeer, MEASURED } from '../peers/peer.ts'
import { advance } from './advance.ts'
import type { Clock } from './clock.ts'
import type { Arrival, Refusal } from './inbox.ts'
import { applyMessage } from './messages.ts'
import type { Hands, OwnPackets, Scene, Surroundings } from './scene.ts'
import type { Stall } from './stall.ts'
import { restsUntil, turn } from './turn.ts'

/** What the engine applies. */
export type AgentEvent =
  /** The inbox has read a datagram. */
  | Arrival
  | Refusal
  /** The peer is due. `isWoken`: something has happened since the last look. */
  | { readonly kind: 'due'; readonly peer: AgentPeer; readonly isWoken: boolean }
  /** This process or the whole machine stalled for `ms`. */
  | { readonly kind: 'stall'; readonly peer: AgentPeer; readonly stall: Stalled; readonly ms: number }
  /** Anything else that the peer's path depends on. */
  | { readonly kind: 'path'; readonly peer: AgentPeer; readonly event: EscalationEvent }

type Stalled = Exclude<Stall, 'none'>

export interface Engine {
  /** Returns what is true for all peers now. */
  readonly around: () => Surroundings
  readonly own: OwnPackets
  /** Sets whether containers use the nebula link. */
  readonly setBusy: (isBusy: boolean) => void
  /**
   * Applies one event.
   * @returns when its peer must be looked at next, in monotonic milliseconds; undefined for no change
   */
  readonly apply: (event: AgentEvent) => number | undefined
}

/** What the engine is made from. */
interface EngineParts {
  readonly around: () => Omit<Surroundings, 'isBusy'>
  readonly hands: Hands
  readonly clock: Pick<Clock, 'now'>
  readonly own: OwnPackets
}

export function makeEngine({ around, hands, clock, own }: EngineParts): Engine {
  let isBusy = false
  const surroundings = (): Surroundings => ({ ...around(), isBusy })
  return {
    around: surroundings,
    own,
    setBusy: (value) => (isBusy = value),
    apply: (event) => applyTo({ around: surroundings(), hands, own, now: clock.now() }, event),
  }
}

/** Applies one event in a scene. See {@link Engine.apply}. */
export function applyTo(scene: Scene, event: AgentEvent): number | undefined {
  switch (event.kind) {
    case 'message':
      return applyArrival(scene, event)
    case 'refused':
      return refuse(scene, event)
    case 'due':
      return look(scene, event.peer, event.isWoken)
    case 'stall':
      return excuse(scene, event.peer, event.stall, event.ms)
    case 'path':
      advance(event.peer, event.event, scene)
      return undefined
  }
}

function applyArrival(scene: Scene, arrival: Arrival): number | undefined {
  const { peer } = arrival
  const before = peer.path.phase
  const refusal = applyMessage(arrival, scene)
  if (refusal !== undefined) return refuse(scene, refusal)
  // Its phase has changed, or a burst of probes starts now.
  return peer.path.phase !== before || peer.clock.burstAt === scene.now ? scene.now : undefined
}

function refuse({ hands }: Scene, refusal: Refusal): undefined {
  hands.refused(refusal)
}

function look(scene: Scene, peer: AgentPeer, isWoken: boolean): number {
  const rests = isWoken ? undefined : restsUntil(peer, scene.around, scene.now)
  return rests ?? turn(peer, scene)
}

// Probes that went unanswered during a stall are not the peer's fault.
function excuse(scene: Scene, peer: AgentPeer, stall: Stalled, ms: number): undefined {
  const { now } = scene
  for (const lane of MEASURED) forgive(peer.lanes[lane], now)
  if (stall === 'long') {
    // Others find out whether the route guard has removed the routes in the meantime.
    advance(peer, { kind: 'stall', lost: false }, scene)
    return
  }
  // Subtracts only this process's own absence. A path that was silent before remains suspect.
  const silentSince = Math.max(peer.path.countFrom, peer.lanes.p2p.repliedAt)
  peer.path = { ...peer.path, countFrom: Math.min(now, silentSince + ms) }
}
