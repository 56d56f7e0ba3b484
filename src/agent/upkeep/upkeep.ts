// Keeps the agent's picture of the world up to date: follows the kernel's notices, looks at everything every
// half minute, takes in new certificates, and collects garbage.

import { startMonitor } from '../../exec/background/monitor.ts'
import { sweepDrill } from '../../host/drill.ts'
import { parseMonitorLine } from '../../ip/monitor-line.ts'
import { unixSeconds } from '../../unix-time.ts'
import type { RouteKeeper } from '../paths/route-keeper.ts'
import { debounce } from './debounce.ts'
import { watchNetwork } from './network-watch.ts'
import { watchOwnExpiry } from './own-expiry.ts'
import type { UpkeepParts } from './parts.ts'
import { makePeerIntake } from './peer-intake.ts'
import { prepareHost } from './prepare-host.ts'
import { makeTakeOver } from './take-over.ts'
import { makeTurns } from './turns.ts'

export interface Upkeep {
  /** Reads settings and certificates again. Never rejects: logs what is wrong, and keeps the earlier ones. */
  readonly reload: () => Promise<void>
  /** Handles added or removed certificates. Never rejects. */
  readonly peersChanged: () => Promise<void>
  /** Applies newer statements. Never rejects; returns what is wrong, in words. */
  readonly statementsChanged: () => Promise<string | undefined>
  readonly stop: () => Promise<void>
  /** The last failure, in words. */
  readonly trouble: () => string | undefined
}

const NETWORK = 'network not looked at'
const PEERS = 'certificates not looked at'
const SETTINGS = 'settings not taken over'
// The start of Nebula alone causes a dozen notices within some milliseconds.
const GATHER_MS = 60
// The links of a container that ends disappear immediately, its record a moment later.
const LINK_GARBAGE_MS = 5000

/** Runs everything once, then keeps running. @throws CniError if the first round fails */
export async function startUpkeep(parts: UpkeepParts): Promise<Upkeep> {
  const { world, routes, garbage, log } = parts
  const turns = makeTurns(log)
  const lookAtPeers = (): Promise<void> => turns.take(PEERS, () => thenRoutes(routes, () => intake.read()))
  const intake = makePeerIntake(parts, () => void lookAtPeers())
  const sayExpiry = watchOwnExpiry(world, log)
  sayExpiry()
  await sweepDrill(true)
  await prepareHost(world(), unixSeconds(new Date()), log)
  await intake.take()
  await routes.reconcile()

  const network = watchNetwork(parts)
  const lookAtNetwork = onceWaiting((begin) =>
    turns.take(NETWORK, () => {
      begin()
      return thenRoutes(routes, () => network.look(false))
    }),
  )
  let isStopped = false
  const collect = debounce(LINK_GARBAGE_MS, () => {
    if (!isStopped) void garbage.collectNow()
  })
  const changed = debounce(GATHER_MS, lookAtNetwork)
  const stopMonitor = await startMonitor({
    onLine: (line) => {
      const notice = parseMonitorLine(line)
      if (notice.kind === 'other') return
      if (notice.kind === 'link-gone') {
        network.linkGone(notice.dev)
        collect()
      }
      changed()
    },
    onGap: changed,
  })

  const takeOver = makeTakeOver(parts, intake)
  // A renewal may have come while no agent ran.
  void turns.take(SETTINGS, () => (takeOver.isDue() ? takeOver.run() : takeOver.tell()))
  const { reconcileMs, gcMs } = world().agent
  const rounds = [
    setInterval(() => {
      sayExpiry()
      if (takeOver.isDue()) void turns.take(SETTINGS, takeOver.run)
      // The second one looks at the routes, even if the first one fails.
      void turns.take(NETWORK, () => network.look(true))
      void lookAtPeers()
    }, reconcileMs),
    setInterval(() => void garbage.collectNow(), gcMs),
  ]
  void garbage.collectNow()

  return {
    reload: () => {
      // Every request logs what is wrong.
      takeOver.askedFor()
      turns.forget(SETTINGS)
      return turns.take(SETTINGS, takeOver.run)
    },
    peersChanged: lookAtPeers,
    statementsChanged: async () => {
      await turns.take(SETTINGS, takeOver.run)
      return turns.troubleOf(SETTINGS)
    },
    stop: async () => {
      isStopped = true
      for (const round of rounds) clearInterval(round)
      intake.stop()
      stopMonitor()
      await turns.stop()
    },
    trouble: turns.trouble,
  }
}

// Always reconciles routes, even if the other work failed, because connections depend on them.
async function thenRoutes(routes: RouteKeeper, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } finally {
    await routes.reconcile()
  }
}

// Calls `start` unless the work of an earlier call still waits, which will see everything
// that this one would.
function onceWaiting(start: (begin: () => void) => Promise<void>): () => void {
  let isWaiting = false
  return () => {
    if (isWaiting) return
    isWaiting = true
    void start(() => (isWaiting = false))
  }
}
