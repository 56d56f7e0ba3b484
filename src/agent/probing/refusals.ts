// Accounts for refused datagrams: counts each, and logs each kind from each sender once.

import type { Log } from '../../log.ts'
import type { Meters } from '../http/meters.ts'
import type { Refusal } from './inbox.ts'

// Senders with forged addresses must not fill the log.
const MOST_LOGGED = 256

/** Returns a function that accounts for one refusal. */
export function accountRefusals(meters: Pick<Meters, 'refused'>, log: Log): (refusal: Refusal) => void {
  const logged = new Set<string>()
  return ({ why, peer, incoming: { from } }) => {
    meters.refused(why)
    const key = `${why} ${from}`
    if (logged.has(key) || logged.size >= MOST_LOGGED) return
    logged.add(key)
    const name = peer === undefined ? {} : { peer: peer.contact.facts.name }
    log('warn', 'message refused', { ...name, address: from, why })
  }
}
