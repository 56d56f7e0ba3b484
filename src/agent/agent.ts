// The agent: one per host. Puts sockets, timers, routes and certificates together; what each of them does stands in the
// file of its name.

import { serveApi } from '../api/server.ts'
import type { PathView } from '../api/views.ts'
import type { EscalationAction } from '../escalation/state.ts'
import { notifyReady, notifyReloading, notifyStopping } from '../exec/notify.ts'
import { withdrawAll } from '../host/agent-routes.ts'
import { installedRoutes } from '../host/routes.ts'
import { hasWithdrawn, keepRouteGuard } from '../host/route-guard.ts'
import type { Log } from '../log.ts'
import { BEAT_MS, endLease } from '../state/agent-lease.ts'
import { leasedAddresses } from '../state/leases.ts'
import { openPathHistory } from '../state/path-history.ts'
import { type ApiParts, apiRoutes, pathViews } from './api-routes.ts'
import { ownEnds } from './contacts.ts'
import { judge, type Hands } from './engine.ts'
import { startExchange } from './exchange/exchange.ts'
import { makeCollector } from './garbage.ts'
import { reportMount, type ReportParts } from './host-report.ts'
import { askKernel } from './kernel-ask.ts'
import { makeListeners } from './listeners.ts'
import { startLoop } from './loop.ts'
import { makeMeters } from './meters.ts'
import { makeNotices, type Notices } from './notices.ts'
import type { AgentPeer } from './peer.ts'
import { noteClock } from './peer-clock.ts'
import { makePeerSet } from './peer-set.ts'
import { makeReceiver } from './receiver.ts'
import { makeRouteKeeper, type RouteKeeper } from './route-keeper.ts'
import { containersMount, ownContainers } from './office-containers.ts'
import { shared } from './shared.ts'
import { signOfLife } from './sign-of-life.ts'
import { openSockets } from './sockets.ts'
import { surroundingsOf } from './surroundings.ts'
import { makeTransitions, type Transitions } from './transitions.ts'
import { startUpkeep } from './upkeep.ts'
import { loadWorld, type World } from './world.ts'

export interface Agent {
  /** Reads settings and certificates anew; what is wrong in them is logged and the old ones stay. */
  readonly reload: () => Promise<void>
  /** Gives the P2P routes back and ends. */
  readonly stop: () => Promise<void>
}

// A busy machine makes everybody wait now and then.
const WORTH_A_WORD_MS = 1000
// A notice usually is heard within a round trip; the peer must not wait for its own deadline.
const FAREWELL_MS = 150

/** Starts everything. @throws CniError when another agent runs, or the host is not ready for one */
export async function startAgent(log: Log): Promise<Agent> {
  const startedAt = new Date()
  let world: World = await loadWorld(Math.floor(startedAt.getTime() / 1000), log)
  const { runDir } = world.settings
  let parts: (ApiParts & { readonly notices: Notices; readonly hands: Hands }) | undefined
  // First of all: its socket is what keeps a second agent away.
  const api = await serveApi(
    runDir,
    apiRoutes(() => parts),
  )

  const meters = makeMeters()
  const history = openPathHistory(world.agent.dataDir, (file, line) =>
    log('warn', 'history damaged', { file, what: `line ${String(line)} is passed over` }),
  )
  const transitions = makeTransitions(history, meters, log)
  const peers = makePeerSet(() => world.agent)
  const routes = makeRouteKeeper(() => world, log, meters.routesChanged)
  const garbage = makeCollector(() => world.settings, log)
  const giveSign = signOfLife(runDir, log)
  const around = () => surroundingsOf(world)

  const sockets = openSockets(
    world.agent.port,
    (incoming) => receiver.take(incoming),
    (address, problem) => log('warn', 'address not usable', { address, error: problem }),
  )
  const onLink = (packets: number): void => {
    loop.ownPackets.sent += packets
  }
  const notices = makeNotices(around, sockets.send, onLink)
  const hands: Hands = {
    send: sockets.send,
    act: (peer, action) => act(peer, action, { routes, notices, transitions }),
    askKernel: (peer) => askKernel(peer, world.agent.port, onLink),
    random: Math.random,
  }
  const loop = startLoop({
    peers: peers.all,
    around,
    nebulaDev: () => world.network.nebulaDev,
    hands,
    beatMs: BEAT_MS,
    onBeat: () => giveSign(parts !== undefined),
    onStall: (stall, ms) => {
      meters.stalled()
      if (stall === 'short') return
      if (ms >= WORTH_A_WORD_MS)
        log('warn', 'the agent stood still', { what: `for ${String(Math.round(ms))} ms` })
      // A machine that stood still as a whole has lost nothing: then the guard stood still too.
      if (!hasWithdrawn(runDir)) return
      const now = performance.now()
      for (const peer of peers.all()) judge(peer, { kind: 'stall', lost: true }, loop.around(), hands, now)
    },
  })
  const receiver = makeReceiver({ peers, meters, log, loop, notices, hands, sockets })
  const exchange = startExchange({
    view: () => world,
    onPeersChanged: () => void parts?.upkeep.peersChanged(),
    log,
    count: meters.exchanged,
    onLink,
    onClock: (overlay, aheadMs) => {
      const peer = peers.atOverlay(overlay)
      if (peer !== undefined) noteClock(peer, aheadMs)
    },
  })
  const routesLately = shared(installedRoutes)
  const reports: ReportParts = {
    world: () => world,
    peers,
    viewOf: async (peer) =>
      (await pathViews({ world: () => world, loop }, [peer], routesLately))[0] as PathView,
  }
  const report = reportMount(reports)
  const offers = {
    overlay: { ...exchange.mounts, ...containersMount(() => ownContainers(world)), ...report },
    gateway: report,
  }
  const listeners = makeListeners(
    () => world,
    () => metricsText(),
    offers,
    onLink,
    log,
  )
  const keepAddresses = (): void => {
    sockets.keep(ownEnds(world.identity))
    void listeners.keep()
  }
  keepAddresses()
  // Before the first route is made: a killed start leaves none behind.
  const stopGuard = await keepRouteGuard(runDir, log)
  const upkeep = await startUpkeep({
    world: () => world,
    change: (next) => {
      const { network, identity } = world
      world = next
      keepAddresses()
      // Nobody could be asked before; or everybody has to hear of the new certificate.
      const isBack = network.nebulaDev === undefined && next.network.nebulaDev !== undefined
      if (isBack || identity.fingerprint !== next.identity.fingerprint) void exchange.roundNow()
    },
    peers,
    routes,
    garbage,
    loop,
    hands,
    log,
  })
  // The first round has put the probes' addresses onto the bridge; nobody had told of them before the monitor ran.
  keepAddresses()
  const metricsText = (): string =>
    meters.text({
      peers: peers.all(),
      refusedPeers: world.peers.refused.length,
      ownExpiry: world.identity.notAfter,
      leases: leasedAddresses(world.settings.stateDir).length,
      garbage: garbage.count,
    })
  parts = {
    world: () => world,
    peers,
    routes,
    history,
    transitions,
    upkeep,
    loop,
    metricsText,
    refused: meters.refused,
    reports,
    drill: { peers, around: loop.around, sockets, receiver, transitions },
    startedAt,
    notices,
    hands,
  }
  // What the first round of the exchange has learnt meanwhile.
  void upkeep.peersChanged()
  giveSign(true)
  const count = (): string => `${String([...peers.all()].length)} peers`
  log('info', 'agent ready', { what: count() })
  await notifyReady(count(), log)

  return {
    reload: async () => {
      await notifyReloading(log)
      await upkeep.reload()
      await notifyReady(count(), log)
    },
    stop: async () => {
      await notifyStopping(log)
      const now = performance.now()
      for (const peer of peers.all()) judge(peer, { kind: 'stop' }, loop.around(), hands, now)
      await routes.settled()
      parts = undefined
      await new Promise((resolve) => setTimeout(resolve, FAREWELL_MS))
      loop.stop()
      endLease(runDir)
      notices.stop()
      await upkeep.stop()
      await exchange.stop()
      await listeners.close()
      sockets.close()
      stopGuard()
      await withdrawAll(runDir)
      await api.close()
      log('info', 'agent ended')
    },
  }
}

interface Actors {
  readonly routes: RouteKeeper
  readonly notices: Notices
  readonly transitions: Transitions
}

function act(peer: AgentPeer, action: EscalationAction, { routes, notices, transitions }: Actors): void {
  switch (action.kind) {
    case 'install':
      return routes.install(peer)
    case 'withdraw':
      return routes.withdraw(peer)
    case 'repair':
      return routes.repair(peer)
    case 'tell':
      return notices.tell(peer)
    case 'record':
      return transitions.record(peer, action.transition)
    case 'burst':
      // The engine's own.
      return undefined
  }
}
