// Removes what containers provably left behind: on start, after links have disappeared, and every minute.
// Leaves empty namespaces alone, because no runtime is there to say whether it still needs them
// (`flatnet-cni gc` decides), unless what started their container has ended.

import { errorText } from '../../cni/error.ts'
import { collectProven } from '../../host/garbage/collect.ts'
import type { Settings } from '../../config/settings.ts'
import type { Log } from '../../log.ts'

/** The totals of all collections so far. */
export interface GarbageCount {
  runs: number
  failures: number
  /** The number of removed things by the first word of what they were: lease, link, record, … */
  readonly removed: Map<string, number>
}

export interface GarbageCollector {
  readonly count: GarbageCount
  /** Collects now, or right after the running collection. Never throws; failures are logged. */
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
      // Catches our own mistakes too, because the agent's work on paths continues.
      log('warn', 'garbage not collected', { error: errorText(error) })
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
