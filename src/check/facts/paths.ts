// The paths to the other hosts, as the agent sees them.

import type { PathView } from '../../api/views.ts'
import type { ProbePace } from '../../config/agent-settings.ts'

export interface PathFacts {
  readonly peers: readonly PathView[]
  /** Peers that are not routed to, and why. */
  readonly refused: readonly { readonly peer: string; readonly reason: string }[]
  /** "none" where the settings ask for no gateway path. */
  readonly hasGateway: boolean
  /** How often this host's agent asks. */
  readonly pace: ProbePace
}
