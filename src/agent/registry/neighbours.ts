// The other hosts in the registry's work: those that join and leave, and those that fall silent.

import { parseIp } from '../../addr/ip.ts'
import { contains, type Prefix } from '../../addr/prefix.ts'
import type { ProbePace } from '../../config/agent-settings.ts'
import type { HostState } from '../../registry/host-state.ts'
import { tickLease } from '../../registry/lease.ts'
import type { AgentPeer } from '../peers/peer.ts'
import { hasLapsed, heardAt, keyOf, type Neighbour, newNeighbour } from './neighbour.ts'
import type { Shelf } from './shelf.ts'

export interface Neighbours {
  readonly all: () => readonly Neighbour[]
  /** Returns undefined for a peer that is not known yet, or not any more. */
  readonly of: (peer: AgentPeer | undefined) => Neighbour | undefined
  /** Adds new peers, and drops those that have left. */
  readonly update: (peers: Iterable<AgentPeer>) => void
  /** Counts one tick of every lease, and drops the states of hosts that have been silent for too long. */
  readonly tick: (pace: ProbePace) => void
}

export function makeNeighbours(shelf: Shelf): Neighbours {
  const byKey = new Map<string, Neighbour>()
  // The subnets that a host's containers were compared with last.
  const compared = new Map<string, readonly Prefix[]>()

  const update = (peers: Iterable<AgentPeer>): void => {
    const present = new Map([...peers].map((peer) => [keyOf(peer), peer]))
    const gone = [...byKey].filter(([key, { peer }]) => present.get(key) !== peer)
    for (const [key] of gone) {
      byKey.delete(key)
      compared.delete(key)
    }
    if (gone.length > 0) shelf.keepOnly(new Set(present.keys()))
    for (const [key, peer] of present) {
      if (!byKey.has(key)) {
        byKey.set(key, newNeighbour(peer))
        if (!shelf.book().has(key)) shelf.restore(key, peer.contact.facts.subnets)
      }
      dropOutsiders(key, peer.contact.facts.subnets)
    }
  }
  // A renewed certificate may have taken addresses away from the host.
  const dropOutsiders = (key: string, subnets: readonly Prefix[]): void => {
    if (compared.get(key) === subnets) return
    compared.set(key, subnets)
    const state = shelf.book().get(key)?.state
    if (state !== undefined && hasOutsiders(state, subnets)) shelf.lapse(key)
  }

  return {
    all: () => [...byKey.values()],
    of: (peer) => {
      const found = peer && byKey.get(keyOf(peer))
      return found?.peer === peer ? found : undefined
    },
    update,
    tick: (pace) => {
      for (const [key, neighbour] of byKey) {
        neighbour.lease = tickLease(neighbour.lease, heardAt(neighbour.peer))
        if (hasLapsed(neighbour, pace)) shelf.lapse(key)
      }
    },
  }
}

function hasOutsiders({ containers }: HostState, subnets: readonly Prefix[]): boolean {
  return containers.some(({ addresses }) =>
    addresses.some((address) => {
      const ip = parseIp(address)
      return ip === undefined || !subnets.some((subnet) => contains(subnet, ip))
    }),
  )
}
