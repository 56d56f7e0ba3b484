// Runs one piece of work at a time, so that each sees a world that the one before has finished with.

import { CniError, errorText } from '../../cni/error.ts'
import type { Log } from '../../log.ts'

interface Turns {
  /** Does the work when its turn comes. Never rejects with a CniError; logs it as `what`. */
  readonly take: (what: string, work: () => Promise<void>) => Promise<void>
  /** Forgets the failure of `what`, so that the next one is logged even if it is the same. */
  readonly forget: (what: string) => void
  /** Resolves when the running work is done. Drops waiting work. */
  readonly stop: () => Promise<void>
  /** The last failure of `what`, in words; undefined once it succeeded. */
  readonly troubleOf: (what: string) => string | undefined
  /** The last failure, in words. */
  readonly trouble: () => string | undefined
}

export function makeTurns(log: Log): Turns {
  const troubles = new Map<string, string>()
  let last: Promise<unknown> = Promise.resolve()
  let isStopped = false

  const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
    if (isStopped) return
    try {
      await work()
      troubles.delete(what)
    } catch (error) {
      if (!(error instanceof CniError)) throw error
      const trouble = errorText(error)
      // Work that is retried every round is logged once.
      if (troubles.get(what) !== trouble) log('warn', what, { error: trouble })
      troubles.set(what, trouble)
    }
  }

  return {
    take: (what, work) => {
      const mine = last.then(() => attempt(what, work))
      last = mine
      return mine
    },
    forget: (what) => troubles.delete(what),
    stop: async () => {
      isStopped = true
      await last
    },
    troubleOf: (what) => troubles.get(what),
    trouble: () => [...troubles.values()][0],
  }
}
