// Collects what containers provably left behind: on start, when something happened to links, and every minute. A namespace
// that merely stands empty is left alone: nobody is there to say whether a runtime still wants it (`flatnet-cni gc` asks).

import { CniError } from '../cni/error.ts'
import { collectProven } from '../host/collect.ts'
import type { Settings } from '../config/settings.ts'
import type { Log } from '../log.ts'

/** What the collections so far have come to. */
export interface GarbageCount {
  runs: number
  failures: number
  /** Things removed by the first word of what they were: lease, link, record, … */
  readonly removed: Map<string, number>
}

export interface GarbageCollector {
  readonly count: GarbageCount
  /** Collects now, or right after the collection that is under way. Never throws: what fails is logged. */
  readonly collectNow: () => Promise<void>
}

export function makeCollector(settings: () => Settings, log: Log): GarbageCollector {
  const count: GarbageCount = { runs: 0, failures: 0, removed: new Map() }
  let running: Promise<void> | undefined
  let again = false

  const once = async (): Promise<void> => {
    try {
      const { stateDir } = settings()
      const options = { now: new Date(), dryRun: false, log }
      const { removals, failures } = await collectProven(stateDir, options)
      for (const { what, why } of removals) {
        log('info', 'garbage removed', { what, why })
        const kind = /^\w+/.exec(what)?.[0] ?? 'other'
        count.removed.set(kind, (count.removed.get(kind) ?? 0) + 1)
      }
      for (const failure of failures) log('warn', 'garbage not removed', { error: failure })
      count.failures += failures.length
    } catch (error) {
      count.failures += 1
      // Our own mistakes too: the agent's work on paths goes on.
      const reason = error instanceof CniError ? `${error.message}: ${error.details}` : String(error)
      log('warn', 'garbage not collected', { error: reason })
    }
    count.runs += 1
  }

  const collectNow = async (): Promise<void> => {
    if (running !== undefined) {
      again = true
      return running
    }
    running = once()
    try {
      await running
    } finally {
      running = undefined
    }
    if (again) {
      again = false
      await collectNow()
    }
  }
  return { count, collectNow }
}
