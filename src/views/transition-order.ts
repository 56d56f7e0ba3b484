// The order of transitions from several peers' histories.

import type { TransitionView } from './paths.ts'

/**
 * Merges histories by time. Within each of them, the order in which it was written counts, because a clock
 * that was set back dates later transitions earlier.
 */
export function mergeHistories(histories: readonly (readonly TransitionView[])[]): readonly TransitionView[] {
  const dated = histories.flatMap((history) => {
    let latest = -Infinity
    return history.map((transition) => {
      latest = Math.max(latest, Date.parse(transition.at))
      return { latest, transition }
    })
  })
  return dated.toSorted((a, b) => a.latest - b.latest).map(({ transition }) => transition)
}
