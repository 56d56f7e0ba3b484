// Limits how many pieces of processor-bound work run at a time; the rest wait for their turn. Fifty processes
// started together slow each other down until every one is late. Run one after another, they take the same
// time in total.

/** One piece of work. */
interface Work<Result> {
  /** "ip -j address show" */
  readonly name: string
  /** Needs no slot, because it waits for something else and uses no processor meanwhile. */
  readonly isFree: boolean
  /** @param signal aborted when the result is no longer needed */
  readonly start: (signal: AbortSignal) => Promise<Result>
}

/** The slots and their holders. */
export interface Slots {
  /** Runs the work once a slot is free, and returns its result. */
  readonly take: <Result>(work: Work<Result>) => Promise<Result>
  /** Names the running work, in order of start. */
  readonly running: () => readonly string[]
  /** Aborts all running work, and makes `take` reject with `reason` for work that has not started. */
  readonly giveUp: (reason: Error) => void
}

interface Waiting {
  readonly enter: () => void
  readonly refuse: (reason: Error) => void
}

/** Creates the slots. @param most how many pieces of work may run at a time */
export function makeSlots(most: number): Slots {
  const running = new Map<AbortController, string>()
  let waiting: Waiting[] = []
  let left = most
  const enter = async (): Promise<void> => {
    if (left > 0) left -= 1
    else await new Promise<void>((enter, refuse) => waiting.push({ enter, refuse }))
  }
  // Hand the slot directly to the longest waiter, so that no newcomer overtakes it.
  const leave = (): void => {
    const next = waiting.shift()
    if (next === undefined) left += 1
    else next.enter()
  }
  return {
    take: async ({ name, isFree, start }) => {
      if (!isFree) await enter()
      const stop = new AbortController()
      running.set(stop, name)
      try {
        return await start(stop.signal)
      } finally {
        running.delete(stop)
        if (!isFree) leave()
      }
    },
    running: () => [...running.values()],
    giveUp: (reason) => {
      const refused = waiting
      waiting = []
      for (const { refuse } of refused) refuse(reason)
      for (const stop of running.keys()) stop.abort(reason)
    },
  }
}
