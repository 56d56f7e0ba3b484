// What other hosts say of the path between them and this one; only of those that were asked for (`check --peer`).

import type { ProbePace } from '../../config/agent-settings.ts'
import type { PeerReport } from '../../api/report.ts'

export interface PeerReportFacts {
  /** This host's own half of what is compared. */
  readonly own: {
    readonly name: string
    readonly version: string
    readonly authorities: readonly string[]
    readonly mtuBytes: number
    readonly pace: ProbePace
  }
  readonly asked: readonly {
    readonly peer: string
    /** What it said, with our view of the same moment; a text says why it said nothing. */
    readonly answer: PeerReport | string
  }[]
}
