// Logs each refusal once, so that a host that sends garbage every second does not fill the log.

import { type Log, numberNew } from '../../log.ts'

/** After this many different refusals only the counters continue. */
const MOST = 1000

/**
 * Returns a function that logs a refusal unless the same `why` was logged for the same `key` before.
 * @param what is refused
 */
export function onceLogged(
  log: Log,
  what: 'certificate' | 'statement' = 'certificate',
): (why: string, key: string, detail: string) => void {
  const numberOf = numberNew(MOST + 1)
  return (why, key, detail) => {
    const number = numberOf(`${why} ${key}`)
    if (number === undefined) return
    if (number > MOST) log('warn', `many ${what}s refused`, { why: 'further ones are counted only' })
    else log('warn', `${what} refused`, { why, error: detail })
  }
}
