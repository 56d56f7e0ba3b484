// The context in which an event is applied: what is true of this host, the engine's hands, and the time.

import type { AgentSettings } from '../../config/agent-settings.ts'
import type { EscalationAction } from '../../paths/escalation/state.ts'
import type { Message } from '../../paths/probe/message.ts'
import type { AgentPeer, MeasuredLane } from '../peers/peer.ts'
import type { Refusal } from './inbox.ts'

/** The engine's means to act. */
export interface Hands {
  /** Sends to the agents' port unless a port is given. */
  readonly send: (datagram: Buffer, from: string, to: string, port?: number) => void
  /** Performs one of install, withdraw, tell, repair, record. The order of calls matters. */
  readonly act: (peer: AgentPeer, action: EscalationAction) => void
  /** Asks the peer's kernel whether its agent listens, when both paths are silent. */
  readonly askKernel: (peer: AgentPeer) => void
  /** Notes that a probe was answered. */
  readonly answered: (peer: AgentPeer, lane: MeasuredLane, rttMs: number) => void
  /** Notes that the peer has received a notice. */
  readonly heard: (peer: AgentPeer, message: Message) => void
  /** Notes that a probe on the `user` lane was answered. Drills count these. */
  readonly echoed: (peer: AgentPeer, message: Message) => void
  /** Notes that a datagram was refused. */
  readonly refused: (refusal: Refusal) => void
  /** Makes the nonce of a probe: 16 hexadecimal digits that cannot be guessed. */
  readonly nonce: () => string
  readonly random: () => number
}

/** What is true for all peers at this moment. */
export interface Surroundings {
  readonly settings: AgentSettings
  /** This host's name on the wire. */
  readonly wireName: string
  readonly linkUp: boolean
  readonly hasGateway: (peer: AgentPeer) => boolean
  /** Whether containers use the nebula link. */
  readonly isBusy: boolean
  /** Bytes of an IP packet that must pass on either path. */
  readonly mtuBytes: number
}

/** The agent's own messages on the nebula link since the last look. The traffic watch subtracts them. */
export interface OwnPackets {
  sent: number
  received: number
}

/** The context of one event. `now` is in monotonic milliseconds. */
export interface Scene {
  readonly around: Surroundings
  readonly hands: Hands
  readonly own: OwnPackets
  readonly now: number
}
