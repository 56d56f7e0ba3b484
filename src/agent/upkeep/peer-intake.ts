// Takes in the peers that the certificates name: those that join, leave, or have a new certificate.

import { peersOnP2p } from '../../host/routes/agent-routes.ts'
import { unixSeconds } from '../../unix-time.ts'
import type { PeerChanges } from '../peers/peer-set.ts'
import { hasSamePeers, withPeers } from '../world/world.ts'
import type { UpkeepParts } from './parts.ts'

export interface PeerIntake {
  /** Reads the certificates and takes their peers in, unless they are unchanged. */
  readonly read: () => Promise<void>
  /** Takes in the peers of the agent's world. */
  readonly take: () => Promise<void>
  readonly stop: () => void
}

// setTimeout has 32 bits. Rounds in the meantime set the timer for a later expiry.
const LONGEST_TIMER_MS = 2 ** 31 - 1

/**
 * Makes the intake.
 * @param onExpiry called when the first certificate expires, so that its routes do not wait for a round
 */
export function makePeerIntake(parts: UpkeepParts, onExpiry: () => void): PeerIntake {
  const { world } = parts
  let expiry: NodeJS.Timeout | undefined

  const watchExpiry = (): void => {
    clearTimeout(expiry)
    const inMs = (world().peers.validUntil + 1) * 1000 - Date.now()
    if (inMs <= LONGEST_TIMER_MS) expiry = setTimeout(onExpiry, Math.max(0, inMs))
  }

  const take = async (): Promise<void> => {
    const { peers, loop } = parts
    const { contacts, peers: known } = world()
    const atWork = new Set([...peers.all()].map(({ contact }) => contact.id))
    const isAnyNew = contacts.some(({ id }) => !atWork.has(id))
    const onP2p = isAnyNew ? await peersOnP2p(world(), known.accepted) : new Set<string>()
    tell(parts, peers.update(contacts), onP2p)
    loop.wake()
    watchExpiry()
  }

  return {
    read: async () => {
      if (hasSamePeers(world(), unixSeconds(new Date()))) return watchExpiry()
      readCertificates(parts)
      await take()
    },
    take,
    stop: () => clearTimeout(expiry),
  }
}

function readCertificates({ world, change, log }: UpkeepParts): void {
  // Compares the kind, because the reason contains the time.
  const before = new Set(world().peers.refused.map(({ peer, kind }) => `${peer} ${kind}`))
  change(withPeers(world(), unixSeconds(new Date())))
  for (const { peer, reason, kind } of world().peers.refused)
    if (!before.has(`${peer} ${kind}`)) log('warn', 'peer refused', { peer, error: reason })
}

// Tells the engine and the routes of the changes. `onP2p`: the peers with a direct route in the kernel.
function tell(parts: UpkeepParts, { joined, left, renewed }: PeerChanges, onP2p: ReadonlySet<string>): void {
  const { engine, routes, log } = parts
  for (const peer of left) {
    engine.apply({ kind: 'path', peer, event: { kind: 'certificate' } })
    routes.withdraw(peer)
    log('info', 'peer left', { peer: peer.contact.facts.name })
  }
  for (const peer of renewed) {
    peer.word = undefined
    engine.apply({ kind: 'path', peer, event: { kind: 'certificate' } })
  }
  for (const peer of joined) {
    const { id, facts } = peer.contact
    log('info', 'peer joined', { peer: facts.name, address: id })
    engine.apply({ kind: 'path', peer, event: { kind: 'start', adopt: onP2p.has(id) } })
  }
}
