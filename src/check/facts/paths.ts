// The paths to the other hosts, as the agent sees them.

import type { PathView } from '../../views/paths.ts'
import type { ProbePace } from '../../config/agent-settings.ts'

export interface PathFacts {
  readonly peers: readonly PathView[]
  /** Peers without routes, and why. */
  readonly refused: readonly { readonly peer: string; readonly reason: string }[]
  /** False where the settings ask for no gateway path ("none"). */
  readonly hasGateway: boolean
  /** How often this host's agent probes. */
  readonly pace: ProbePace
}
