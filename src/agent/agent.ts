// The agent: one per host. Connects its parts and takes them down in order. Each part is described in the
// file of its name.

import { serveApi } from '../api/server.ts'
import { notifyReady, notifyReloading, notifyStopping } from '../exec/system/notify.ts'
import { withdrawAll } from '../host/routes/agent-routes.ts'
import { keepRouteGuard } from '../host/routes/route-guard.ts'
import type { Log } from '../log.ts'
import { endHeartbeat } from '../state/agent/heartbeat.ts'
import { openPathHistory } from '../state/agent/path-history.ts'
import { unixSeconds } from '../unix-time.ts'
import { type ApiParts, apiRoutes } from './http/api-routes.ts'
import { makeMeters } from './http/meters.ts'
import { momentNow } from './paths/moment.ts'
import { makeRouteKeeper } from './paths/route-keeper.ts'
import { makeHeartbeat } from './paths/heartbeat.ts'
import { makeTransitions } from './paths/transitions.ts'
import { ownEnds } from './peers/lane-ends.ts'
import { makePeerSet } from './peers/peer-set.ts'
import { type Prober, startProber } from './prober.ts'
import { openServices, type Services } from './services.ts'
import { makeCollector } from './upkeep/garbage.ts'
import { startUpkeep, type Upkeep } from './upkeep/upkeep.ts'
import { loadWorld, type World } from './world/world.ts'

export interface Agent {
  /** Reads settings and certificates again. Logs what is wrong in them and keeps the earlier ones. */
  readonly reload: () => Promise<void>
  /** Withdraws the direct routes and ends. */
  readonly stop: () => Promise<void>
}

// A notice is usually heard within a round trip. The peer must not have to wait for its own deadline.
const FAREWELL_MS = 150

/** Starts everything. @throws CniError if another agent runs, or the host is not ready for one */
export async function startAgent(log: Log): Promise<Agent> {
  const startedAt = momentNow()
  const world = await loadWorld(unixSeconds(startedAt.at), log)
  const state: State = { world, answers: undefined, hasNewStatements: false }
  const { runDir } = state.world.settings
  // Comes first, because the socket keeps a second agent away.
  const api = await serveApi(
    runDir,
    apiRoutes(() => state.answers),
  )
  const parts = makeParts(state, log)
  const writeHeartbeat = makeHeartbeat(runDir, log)
  const prober = startProber({
    ...parts,
    onBeat: () => writeHeartbeat(state.answers !== undefined),
    onWithdrawn: () => void state.answers?.names.keep(),
  })
  const { engine, loop, drills, onLink } = prober
  const services = openServices({
    ...parts,
    engine,
    sockets: prober.sockets,
    onLink,
    onPeersChanged: () => void state.answers?.upkeep.peersChanged(),
    onStatements: () => {
      state.hasNewStatements = state.answers === undefined
      void state.answers?.upkeep.statementsChanged()
    },
  })
  keepAddresses(state.world, prober, services)
  // Starts before the first route is made, so that a killed start leaves no route behind.
  const stopGuard = await keepRouteGuard(state.world.settings, log)
  const upkeep = await startUpkeep({
    ...parts,
    engine,
    loop,
    change: (next) => changeWorld(state, next, prober, services),
  })
  // The first round has put the probe addresses on the bridge, before the monitor could report them.
  keepAddresses(state.world, prober, services)
  const { hostViews, metricsText, closedPorts, exchange, registry, names } = services
  registry.lookNow()
  services.httpGateway.begin()
  parts.transitions.onChange(services.httpGateway.changed)
  const spread = exchange.spread
  const asked = { spread, hostViews, metricsText, closedPorts, learning: exchange.learning, registry, names }
  state.answers = { ...parts, ...asked, upkeep, engine, drills, startedAt }
  // The first round of the exchange may have learnt certificates and statements in the meantime.
  void upkeep.peersChanged()
  if (state.hasNewStatements) void upkeep.statementsChanged()
  writeHeartbeat(true)
  const count = (): string => `${String([...parts.peers.all()].length)} peers`
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
      await sayFarewell(state, parts, prober)
      await takeDown(runDir, prober, services, upkeep)
      stopGuard()
      await withdrawAll(runDir)
      await api.close()
      log('info', 'agent ended')
    },
  }
}

/** What changes while the agent runs, besides its peers. */
interface State {
  world: World
  /** What the API answers from. Undefined while the agent starts and ends. */
  answers: ApiParts | undefined
  /** Statements came while the agent started. */
  hasNewStatements: boolean
}

type Parts = ReturnType<typeof makeParts>

function makeParts(state: State, log: Log) {
  const world = (): World => state.world
  const meters = makeMeters()
  const history = openPathHistory(state.world.agent.dataDir, (file, line) =>
    log('warn', 'history damaged', { file, what: `line ${String(line)} is skipped` }),
  )
  return {
    world,
    log,
    meters,
    history,
    transitions: makeTransitions(history, meters, log),
    peers: makePeerSet(() => state.world.agent),
    routes: makeRouteKeeper(world, log, meters.routesChanged),
    garbage: makeCollector(() => state.world.settings, log),
  }
}

function keepAddresses({ identity }: World, { sockets }: Prober, { listeners, names }: Services): void {
  void names.keep()
  sockets.keep(ownEnds(identity))
  void listeners.keep()
}

function changeWorld(state: State, next: World, prober: Prober, services: Services): void {
  const { network, identity } = state.world
  state.world = next
  keepAddresses(next, prober, services)
  // The new link makes hosts reachable again, or every host must learn the new certificate.
  const isBack = network.nebulaDev === undefined && next.network.nebulaDev !== undefined
  const isRenewed = identity.fingerprint !== next.identity.fingerprint
  if (isBack || isRenewed) void services.exchange.roundNow()
  // The others know this host's messages by its certificate.
  if (isRenewed) void services.exchange.spread()
}

// Moves all traffic to the gateway path, and gives the notices time to arrive.
async function sayFarewell(state: State, { peers, routes }: Parts, { engine }: Prober): Promise<void> {
  for (const peer of peers.all()) engine.apply({ kind: 'path', peer, event: { kind: 'stop' } })
  await routes.settled()
  state.answers = undefined
  await new Promise((resolve) => setTimeout(resolve, FAREWELL_MS))
}

async function takeDown(
  runDir: string,
  prober: Prober,
  { exchange, registry, names, httpGateway, listeners }: Services,
  upkeep: Upkeep,
): Promise<void> {
  prober.stopLoop()
  endHeartbeat(runDir)
  prober.stopNotices()
  await upkeep.stop()
  await exchange.stop()
  httpGateway.stop()
  await names.stop()
  registry.stop()
  await listeners.close()
  prober.close()
}
