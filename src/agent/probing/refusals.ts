// Accounts for refused datagrams: counts each, and logs each kind from each sender once.

import { type Log, numberNew } from '../../log.ts'
import type { Meters } from '../http/meters.ts'
import type { Refusal } from './inbox.ts'

// Senders with forged addresses must not fill the log.
const MOST_LOGGED = 256

/** Returns a function that accounts for one refusal. */
export function accountRefusals(meters: Pick<Meters, 'refused'>, log: Log): (refusal: Refusal) => void {
  const numberOf = numberNew(MOST_LOGGED)
  return ({ why, peer, incoming: { from } }) => {
    meters.refused(why)
    if (numberOf(`${why} ${from}`) === undefined) return
    const name = peer === undefined ? {} : { peer: peer.contact.facts.name }
    log('warn', 'message refused', { ...name, address: from, why })
  }
}
