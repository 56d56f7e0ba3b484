// Learns certificates for the agent: counts new and refused ones, logs each refusal once, and tells when the
// peers have changed.

import type { Log } from '../../log.ts'
import type { ExchangeCount } from './counts.ts'
import { type LearnContext, learnCertificates } from './learn.ts'
import { onceLogged } from './once-logged.ts'
import type { ExchangeView } from './view.ts'

interface LearnerParts {
  readonly view: () => ExchangeView
  readonly onPeersChanged: () => void
  readonly log: Log
  readonly count: (what: ExchangeCount) => void
  /** Unix time in milliseconds. */
  readonly nowMs: () => number
}

interface Learnt {
  /** Whether there was room for all new certificates. */
  readonly hadRoom: boolean
  /** Whether the same certificates would be judged the same later on. */
  readonly isFinal: boolean
}

export interface Learner {
  /** What certificates are verified against now. */
  readonly context: () => LearnContext
  /** Stores the new ones. @param from the overlay address of the sender, as text */
  readonly learn: (pems: readonly string[], from: string) => Promise<Learnt>
}

export function makeLearner({ view, onPeersChanged, log, count, nowMs }: LearnerParts): Learner {
  const logRefusal = onceLogged(log)
  const context = (): LearnContext => ({
    ...view(),
    now: Math.floor(nowMs() / 1000),
    refuse: (why, key, detail) => {
      count({ kind: 'refused', why })
      logRefusal(why, key, detail)
    },
  })
  return {
    context,
    learn: async (pems, from) => {
      let isFinal = true
      const { refuse, ...verifying } = context()
      const { stored, hadRoom } = await learnCertificates(pems, from, {
        ...verifying,
        refuse: (why, key, detail) => {
          if (why === 'not-yet-valid' || why === 'full') isFinal = false
          refuse(why, key, detail)
        },
      })
      for (let index = 0; index < stored; index++) count({ kind: 'learnt' })
      if (stored > 0) onPeersChanged()
      return { hadRoom, isFinal }
    },
  }
}
