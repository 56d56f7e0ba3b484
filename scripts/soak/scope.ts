// What a part of the soak makes and must remove.

import type { PatientScope } from '../../test/fixtures/clean-up.ts'

/** A scope that is ended explicitly: last made, first removed. */
export interface OpenScope extends PatientScope {
  readonly end: () => Promise<void>
}

export function openScope(): OpenScope {
  const actions: (() => void | Promise<void>)[] = []
  return {
    teardown: (action) => actions.push(action),
    end: async () => {
      for (const action of actions.splice(0).toReversed()) await action()
    },
  }
}
