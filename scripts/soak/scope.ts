// What a part of the soak makes and must remove.

import type { Scope } from '../../test/fixtures/clean-up.ts'

/** A scope that is ended explicitly: last made, first removed. */
interface OpenScope extends Scope {
  readonly end: () => void
}

export function openScope(): OpenScope {
  const actions: (() => void)[] = []
  return {
    teardown: (action) => actions.push(action),
    end: () => {
      for (const action of actions.splice(0).toReversed()) action()
    },
  }
}
