// The peers at work, found by name, by address and by their name on the wire.

import { formatIp } from '../../addr/ip.ts'
import { formatPrefix } from '../../addr/prefix.ts'
import type { AgentSettings } from '../../config/agent-settings.ts'
import { restingPath } from '../../paths/escalation/step.ts'
import type { WindowSizes } from '../../paths/probe/loss-window.ts'
import { newLane, resize } from '../../paths/probe/lane.ts'
import { newOrder } from '../../paths/probe/order.ts'
import { findPeer } from '../../route/find-peer.ts'
import { momentNow } from '../paths/moment.ts'
import { newClock } from '../probing/pace.ts'
import { type AgentPeer, MEASURED, type PeerContact, randomHex } from './peer.ts'

export interface PeerSet {
  readonly all: () => Iterable<AgentPeer>
  readonly byWireName: ReadonlyMap<string, AgentPeer>
  /** Replaces the contacts. */
  readonly update: (contacts: readonly PeerContact[]) => PeerChanges
  readonly atOverlay: (address: string) => AgentPeer | undefined
  /** Finds a peer as {@link findPeer} does. @throws CniError if no host or several hosts match */
  readonly find: (text: string) => AgentPeer
}

/** The result of an update. */
export interface PeerChanges {
  readonly joined: readonly AgentPeer[]
  readonly left: readonly AgentPeer[]
  /** The peers with a new certificate. */
  readonly renewed: readonly AgentPeer[]
}

export function makePeerSet(settings: () => AgentSettings): PeerSet {
  const byId = new Map<string, AgentPeer>()
  const byWireName = new Map<string, AgentPeer>()

  const update = (contacts: readonly PeerContact[]): PeerChanges => {
    const wanted = new Set(contacts.map(({ id }) => id))
    const left = [...byId.values()].filter(({ contact }) => !wanted.has(contact.id))
    for (const { contact } of left) byId.delete(contact.id)
    const joined: AgentPeer[] = []
    const renewed: AgentPeer[] = []
    for (const contact of contacts) {
      const known = byId.get(contact.id)
      if (known === undefined) {
        const peer = newPeer(contact, settings())
        byId.set(contact.id, peer)
        joined.push(peer)
        continue
      }
      if (known.contact.facts.fingerprint !== contact.facts.fingerprint) renewed.push(known)
      known.contact = contact
      for (const lane of MEASURED) resize(known.lanes[lane], windowSizes(settings()))
    }
    byWireName.clear()
    for (const peer of byId.values()) byWireName.set(peer.contact.wireName, peer)
    return { joined, left, renewed }
  }

  const atOverlay = (address: string): AgentPeer | undefined =>
    [...byId.values()].find(({ contact }) => contact.facts.overlay.some((own) => formatIp(own) === address))
  const find = (text: string): AgentPeer => {
    const named = [...byId.values()].map((peer) => {
      const { name, overlay, subnets } = peer.contact.facts
      return { name, overlay: overlay.map(formatIp), subnets: subnets.map(formatPrefix), peer }
    })
    return findPeer(named, text).peer
  }

  return { all: () => byId.values(), byWireName, update, atOverlay, find }
}

function windowSizes({ escalation }: AgentSettings): WindowSizes {
  return { short: escalation.lossShort.probes, long: escalation.lossLong.probes }
}

function newPeer(contact: PeerContact, settings: AgentSettings): AgentPeer {
  const now = performance.now()
  const sizes = windowSizes(settings)
  return {
    contact,
    path: restingPath(now),
    session: randomHex(),
    lanes: { tunnel: newLane(sizes), p2p: newLane(sizes), gateway: newLane(sizes) },
    counts: { tunnel: newCounts(), p2p: newCounts(), gateway: newCounts() },
    clock: newClock(now, settings.probe, Math.random),
    wallClock: undefined,
    sequence: 0,
    order: newOrder(),
    word: undefined,
    refused: { p2p: false, gateway: false },
    askedAt: -Infinity,
    changedAt: momentNow(),
    transitions: 0,
    rttSeries: {},
  }
}

function newCounts(): AgentPeer['counts']['p2p'] {
  return { sent: 0, received: 0, lost: 0 }
}
