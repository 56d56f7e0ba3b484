// Keeps the kernel's routes as the paths need them. Makes one change at a time. A peer that leaves the direct
// path precedes all waiting changes, because its outage lasts until then.

import { errorText } from '../../cni/error.ts'
import { reconcileRoutes, repairPins, switchP2p } from '../../host/routes/agent-routes.ts'
import type { Log } from '../../log.ts'
import type { AgentPeer } from '../peers/peer.ts'
import type { World } from '../world/world.ts'
import { makeRouteQueue } from './route-queue.ts'

export interface RouteKeeper {
  /** The peers that should be on the direct path, by id. */
  readonly p2p: ReadonlySet<string>
  readonly install: (peer: AgentPeer) => void
  readonly withdraw: (peer: AgentPeer) => void
  /** Recreates the pinned routes, because Nebula seems to have lost one. */
  readonly repair: (peer: AgentPeer) => void
  /** Compares all routes. Resolves when they have been compared; never rejects. */
  readonly reconcile: () => Promise<void>
  /** Resolves when no change is waiting. */
  readonly settled: () => Promise<void>
  /** The last failure, in words. Undefined if the last comparison succeeded. */
  readonly trouble: () => string | undefined
}

export function makeRouteKeeper(
  world: () => Pick<World, 'settings' | 'network' | 'peers'>,
  log: Log,
  changed: (count: number) => void,
): RouteKeeper {
  const p2p = new Set<string>()
  let trouble: string | undefined
  let reconciling: Promise<void> | undefined
  const queue = makeRouteQueue((error) => {
    trouble = errorText(error)
    log('warn', 'routes not changed', { error: trouble })
  })

  // Applies the state that is wanted when its turn comes: of two waiting changes, the later one counts.
  const follow = async ({ contact }: AgentPeer): Promise<void> => {
    const to = p2p.has(contact.id) ? 'p2p' : 'gateway'
    // Without the link there is nothing to delete or add. The next comparison adds the route.
    if (world().network.nebulaDev === undefined) return
    await switchP2p(world(), contact.facts, to)
    changed(contact.facts.subnets.length)
  }

  const look = async (): Promise<void> => {
    const { done, refused } = await reconcileRoutes(world(), world().peers.accepted, p2p)
    if (done.length > 0) {
      changed(done.length)
      log('info', 'routes corrected', { what: done.slice(0, MOST_SHOWN).join('; ') })
    }
    trouble = refused.length === 0 ? undefined : `the kernel refuses: ip ${refused[0] ?? ''}`
    if (trouble !== undefined) log('warn', 'routes not changed', { error: trouble })
  }

  return {
    p2p,
    install: (peer) => {
      p2p.add(peer.contact.id)
      void queue.add(() => follow(peer))
    },
    withdraw: (peer) => {
      p2p.delete(peer.contact.id)
      void queue.addUrgent(() => follow(peer))
    },
    repair: (peer) => void queue.add(() => repairPins(world(), peer.contact.facts)),
    reconcile: () => {
      // A waiting comparison sees everything that this one would.
      if (reconciling !== undefined) return reconciling
      reconciling = queue.add(async () => {
        reconciling = undefined
        await look()
      })
      return reconciling
    },
    settled: queue.settled,
    trouble: () => trouble,
  }
}

const MOST_SHOWN = 20
