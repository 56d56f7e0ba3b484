// What other hosts tell about the path between them and this one, for the hosts named by `check --peer`
// only.

import type { ProbePace } from '../../config/agent-settings.ts'
import type { PeerView } from '../../views/host.ts'

export interface PeerViewFacts {
  /** This host's half of the comparison. */
  readonly own: {
    readonly name: string
    readonly version: string
    readonly authorities: readonly string[]
    readonly mtuBytes: number
    readonly pace: ProbePace
  }
  readonly asked: readonly {
    readonly peer: string
    /** The peer's view with ours of the same moment; a string says why there is none. */
    readonly answer: PeerView | string
  }[]
}
