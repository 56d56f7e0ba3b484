// A queue of route changes: one at a time, urgent ones before all others.

import { CniError } from '../../cni/error.ts'

type Work = () => Promise<void>

interface RouteQueue {
  /** Resolves when the work is done or has failed. */
  readonly add: (work: Work) => Promise<void>
  /** Adds work before everything that waits. */
  readonly addUrgent: (work: Work) => Promise<void>
  /** Resolves when no work is waiting. */
  readonly settled: () => Promise<void>
}

/** Makes a queue. @param onFailure called with the error of refused work; the queue continues */
export function makeRouteQueue(onFailure: (error: CniError) => void): RouteQueue {
  const urgent: Work[] = []
  const waiting: Work[] = []
  let running: Promise<void> | undefined

  const run = async (): Promise<void> => {
    for (let next = urgent.shift() ?? waiting.shift(); next; next = urgent.shift() ?? waiting.shift()) {
      try {
        await next()
      } catch (error) {
        if (!(error instanceof CniError)) throw error
        onFailure(error)
      }
    }
    running = undefined
  }
  const addTo = (list: Work[], work: Work): Promise<void> => {
    const done = new Promise<void>((resolve) => {
      list.push(async () => {
        try {
          await work()
        } finally {
          resolve()
        }
      })
    })
    // Starts later, because the caller must get its promise before the work begins.
    running ??= Promise.resolve().then(run)
    return done
  }

  return {
    add: (work) => addTo(waiting, work),
    addUrgent: (work) => addTo(urgent, work),
    settled: () => running ?? Promise.resolve(),
  }
}
