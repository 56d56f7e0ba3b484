// What a step of the state machine depends on beside the path and what happened to it.

import type { EscalationOptions } from './options.ts'

/** A moment in one agent's run. */
export interface Moment {
  /** Monotonic milliseconds, never less than in the step before. */
  readonly now: number
  readonly options: EscalationOptions
  /** Returns a number from 0 up to 1, for the jitter of the back-off. */
  readonly random: () => number
}

/** What a look at the figures depends on: chance does not matter. */
export type Look = Omit<Moment, 'random'>
