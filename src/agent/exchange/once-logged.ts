// Logs each refusal once, so that a host that sends garbage every second does not fill the log.

import type { Log } from '../../log.ts'

/** After this many different refusals only the counters continue. */
const MOST = 1000

/** Returns a function that logs a refusal unless the same `why` was logged for the same `key` before. */
export function onceLogged(log: Log): (why: string, key: string, detail: string) => void {
  const said = new Set<string>()
  return (why, key, detail) => {
    const what = `${why} ${key}`
    if (said.has(what) || said.size > MOST) return
    said.add(what)
    if (said.size > MOST) log('warn', 'many certificates refused', { why: 'further ones are counted only' })
    else log('warn', 'certificate refused', { why, error: detail })
  }
}
