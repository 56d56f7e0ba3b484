// What a part of the soak gets and gives.

import type { PatientScope } from '../../test/fixtures/clean-up.ts'

/** The input of a part. */
export interface Task {
  readonly scope: PatientScope
  readonly seed: number
  /** Tells whether no new piece of work may begin. */
  readonly isOver: () => boolean
  /** Called after each piece of work, with its faults. */
  readonly progress: (faults: readonly string[]) => void
}

/** The findings of a part. */
export interface Found {
  readonly counts: Readonly<Record<string, number>>
  readonly faults: readonly string[]
}
