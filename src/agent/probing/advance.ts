// Passes an event to the state machine of a peer's path and carries out its actions.

import { QUICK_TIMES } from '../../paths/escalation/second-thought.ts'
import type { EscalationEvent } from '../../paths/escalation/state.ts'
import { step } from '../../paths/escalation/step.ts'
import { startAnew } from '../../paths/probe/lane.ts'
import type { AgentPeer } from '../peers/peer.ts'
import { endBurst, startBurst } from './pace.ts'
import type { Scene } from './scene.ts'

/** Advances a peer's path by one event. */
export function advance(peer: AgentPeer, event: EscalationEvent, { around, hands, now }: Scene): void {
  const { settings } = around
  const moment = { now, options: settings.escalation, random: hands.random }
  const { path, actions } = step(peer.path, event, moment)
  // The doubt is answered, so the rest of the burst is dropped. The first traffic after a quiet time starts
  // bursts to a hundred peers, and their rest is a thousand probes.
  const isAnswered = peer.path.doubtAt !== undefined && path.doubtAt === undefined
  if (isAnswered && path.suspectAt === undefined && path.phase === 'P2P_ACTIVE') endBurst(peer.clock)
  if (peer.path.phase !== 'P2P_ACTIVE' && path.phase === 'P2P_ACTIVE') startAnew(peer.lanes.p2p)
  peer.path = path
  for (const action of actions) {
    if (action.kind === 'burst')
      startBurst(peer.clock, settings.probe, now, settings.escalation.silenceMs * QUICK_TIMES)
    else hands.act(peer, action)
  }
}
