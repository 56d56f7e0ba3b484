// Keeps the kernel's routes as the paths want them. One change at a time; a peer that leaves the P2P path goes before
// everything else that waits, for an outage lasts until then.

import { CniError } from '../cni/error.ts'
import { reconcileRoutes, repairPins, switchP2p } from '../host/agent-routes.ts'
import type { Log } from '../log.ts'
import type { AgentPeer } from './peer.ts'
import type { World } from './world.ts'

export interface RouteKeeper {
  /** The peers that are to be on the P2P path, by id. */
  readonly p2p: ReadonlySet<string>
  readonly install: (peer: AgentPeer) => void
  readonly withdraw: (peer: AgentPeer) => void
  /** Makes the pinned routes anew in which Nebula seems to have lost something. */
  readonly repair: (peer: AgentPeer) => void
  /** Looks at all routes. Resolves when they have been looked at; never rejects. */
  readonly reconcile: () => Promise<void>
  /** Resolves when nothing waits any more. */
  readonly settled: () => Promise<void>
  /** What went wrong last, in words; undefined when the last look found everything right. */
  readonly trouble: () => string | undefined
}

export function makeRouteKeeper(
  world: () => Pick<World, 'settings' | 'network' | 'peers'>,
  log: Log,
  changed: (count: number) => void,
): RouteKeeper {
  const p2p = new Set<string>()
  const urgent: (() => Promise<void>)[] = []
  const waiting: (() => Promise<void>)[] = []
  let running: Promise<void> | undefined
  let trouble: string | undefined
  let reconciling: Promise<void> | undefined

  const run = async (): Promise<void> => {
    for (
      let next = urgent.shift() ?? waiting.shift();
      next !== undefined;
      next = urgent.shift() ?? waiting.shift()
    ) {
      try {
        await next()
      } catch (error) {
        if (!(error instanceof CniError)) throw error
        trouble = `${error.message}: ${error.details}`
        log('warn', 'routes not changed', { error: trouble })
      }
    }
    running = undefined
  }
  const queue = (list: (() => Promise<void>)[], work: () => Promise<void>): Promise<void> => {
    const done = new Promise<void>((resolve) => {
      list.push(async () => {
        try {
          await work()
        } finally {
          resolve()
        }
      })
    })
    // Not at once: whoever queues work has to have its promise before the work begins.
    running ??= Promise.resolve().then(run)
    return done
  }

  // By what is wanted at the time when it is its turn: of two changes that wait, the later one counts.
  const follow = async ({ contact }: AgentPeer): Promise<void> => {
    const to = p2p.has(contact.id) ? 'p2p' : 'gateway'
    // Without the link there is nothing to delete, and nothing to add it to; it comes with the next look.
    if (world().network.nebulaDev === undefined) return
    await switchP2p(world(), contact.facts, to)
    changed(contact.facts.subnets.length)
  }

  const look = async (): Promise<void> => {
    const { done, refused } = await reconcileRoutes(world(), world().peers.accepted, p2p)
    if (done.length > 0) {
      changed(done.length)
      log('info', 'routes put right', { what: done.slice(0, MOST_SHOWN).join('; ') })
    }
    trouble = refused.length === 0 ? undefined : `the kernel refuses: ip ${refused[0] ?? ''}`
    if (trouble !== undefined) log('warn', 'routes not changed', { error: trouble })
  }

  return {
    p2p,
    install: (peer) => {
      p2p.add(peer.contact.id)
      void queue(waiting, () => follow(peer))
    },
    withdraw: (peer) => {
      p2p.delete(peer.contact.id)
      void queue(urgent, () => follow(peer))
    },
    repair: (peer) => void queue(waiting, () => repairPins(world(), peer.contact.facts)),
    reconcile: () => {
      // One that has not begun yet sees everything that this one would.
      if (reconciling !== undefined) return reconciling
      reconciling = queue(waiting, async () => {
        reconciling = undefined
        await look()
      })
      return reconciling
    },
    settled: () => running ?? Promise.resolve(),
    trouble: () => trouble,
  }
}

const MOST_SHOWN = 20
