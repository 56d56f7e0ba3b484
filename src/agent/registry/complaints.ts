// What goes wrong with the registry is logged, and the last good state stays in use.

import { CniError, errorText } from '../../cni/error.ts'
import { type Log, numberNew } from '../../log.ts'

/** Logs one trouble. `msg` is constant per kind. */
export type Complain = (msg: string, error: string, peer?: string) => void

const MOST = 1000

/** Returns a function that logs each trouble once: most of them come back with every look. */
export function complainOnce(log: Log): Complain {
  const numberOf = numberNew(MOST)
  return (msg, error, peer) => {
    if (numberOf(`${msg} ${peer ?? ''} ${error}`) === undefined) return
    log('warn', msg, { error, ...(peer !== undefined && { peer }) })
  }
}

/** Does the work; a CniError is logged as `what`. Returns its text, or undefined if all went well. */
export function attempt(complain: Complain, what: string, work: () => void): string | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    complain(what, errorText(error))
    return errorText(error)
  }
}
