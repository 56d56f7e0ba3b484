// The routes of the local API (src/views/paths.ts defines the shapes).

import { CniCode, CniError } from '../../cni/error.ts'
import { formatPrefix } from '../../addr/prefix.ts'
import type { ApiRequest, ApiRoutes } from '../../api/server.ts'
import type { ClosedPort, LearningView, PathView, StatusView, TransitionView } from '../../views/paths.ts'
import { mergeHistories } from '../../views/transition-order.ts'
import { buildInfo } from '../../build-info.ts'
import { agentSettingsJson } from '../../config/agent-settings.ts'
import type { Route } from '../../ip/route.ts'
import { installedRoutes } from '../../host/routes/routes.ts'
import { wayTo } from '../../route/way.ts'
import { listContainers } from '../../host/attachments/containers.ts'
import type { ContainersView } from '../../views/containers.ts'
import { summaryOf } from '../../views/registry.ts'
import type { PathHistory } from '../../state/agent/path-history.ts'
import { type Drills, parseDrillRequest } from '../drill/drill.ts'
import { askPeer, type HostViewParts } from './host-view.ts'
import { surveyAuthorities } from './survey.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { Engine } from '../probing/engine.ts'
import type { AgentPeer } from '../peers/peer.ts'
import type { PeerSet } from '../peers/peer-set.ts'
import type { RouteKeeper } from '../paths/route-keeper.ts'
import type { Transitions } from '../paths/transitions.ts'
import type { Names } from '../names/names.ts'
import type { Registry } from '../registry/registry.ts'
import { containersOfAll, registryView } from '../registry/view.ts'
import type { Upkeep } from '../upkeep/upkeep.ts'
import { type Moment, momentNow, timeOf } from '../paths/moment.ts'
import { pathView } from '../paths/path-view.ts'
import type { World } from '../world/world.ts'

/** What the answers are made from. Undefined while the agent starts. */
export interface ApiParts {
  readonly world: () => World
  readonly peers: PeerSet
  readonly routes: RouteKeeper
  readonly history: PathHistory
  readonly transitions: Transitions
  readonly upkeep: Upkeep
  readonly engine: Engine
  readonly metricsText: () => string
  readonly registry: Registry
  readonly names: Pick<Names, 'closed' | 'keep' | 'clashes'>
  readonly drills: Drills
  readonly hostViews: HostViewParts
  readonly startedAt: Moment
  readonly closedPorts: () => readonly ClosedPort[]
  readonly learning: () => LearningView | undefined
  readonly spread: Exchange['spread']
}

export function apiRoutes(parts: () => ApiParts | undefined): ApiRoutes {
  const ready = (): ApiParts => {
    const found = parts()
    if (found !== undefined) return found
    throw new CniError(CniCode.TryAgainLater, 'the agent is starting', 'ask again in a moment')
  }
  return {
    'GET /v1/status': async () => statusView(ready()),
    'GET /v1/paths': async ({ query }) => {
      const { peers, ...rest } = ready()
      const name = query.get('peer')
      return pathViews(rest, name === null ? [...peers.all()] : [peers.find(name)])
    },
    'GET /v1/history': ({ query }) => historyOf(ready(), query),
    'GET /v1/events': ({ signal }: ApiRequest) => ready().transitions.follow(signal),
    'GET /v1/containers': ({ query }) => containersOf(ready(), query.get('all') === '1'),
    'GET /v1/registry': () => {
      const { registry, world } = ready()
      return registryView(registry, world())
    },
    'GET /v1/peer-report': ({ query }) => {
      const { hostViews, peers } = ready()
      return askPeer(hostViews, peers.find(query.get('peer') ?? ''))
    },
    'GET /v1/authorities': () => surveyAuthorities(ready().world()),
    // The file was stored by the caller: a body is smaller than statements may be.
    'POST /v1/statements': async () => {
      const { upkeep, spread } = ready()
      const problem = await upkeep.statementsChanged()
      void spread()
      return { problem: problem ?? null }
    },
    'POST /v1/drill': ({ body, signal }) => ready().drills.run(parseDrillRequest(body), signal),
    'GET /v1/config': () => agentSettingsJson(ready().world().agent),
    'GET /v1/metrics': () => ({ text: ready().metricsText() }),
  }
}

async function statusView(parts: ApiParts): Promise<StatusView> {
  const { world, peers, routes, upkeep, startedAt, closedPorts, learning, registry, names } = parts
  const { identity, network, peers: known } = world()
  return {
    version: 1,
    agent: { ...buildInfo(), pid: process.pid, startedAt: timeOf(startedAt, momentNow()).toISOString() },
    name: identity.name,
    overlay: identity.overlay.map(formatPrefix),
    subnets: identity.subnets.map(formatPrefix),
    nebulaDev: network.nebulaDev ?? null,
    peers: await pathViews(parts, [...peers.all()]),
    refusedPeers: known.refused.map(({ peer, reason }) => ({ peer, reason })),
    lastError: routes.trouble() ?? upkeep.trouble() ?? null,
    closedPorts: closedPorts(),
    learning: learning() ?? null,
    names: {
      domain: world().settings.names.domain,
      clashes: names.clashes(),
      closed: [...names.closed()].map(([address, reason]) => ({ address, reason })),
    },
    registry: summaryOf(registryView(registry, world())),
  }
}

/** Returns the API's view of these peers, sorted by name. */
async function pathViews(
  parts: Pick<ApiParts, 'world' | 'engine' | 'closedPorts'>,
  peers: readonly AgentPeer[],
): Promise<readonly PathView[]> {
  const view = await peerViewer(parts, installedRoutes)
  return peers.toSorted((a, b) => a.contact.facts.name.localeCompare(b.contact.facts.name)).map(view)
}

/** Resolves to a function that shows a peer as it is now. @param routes returns our routes in the kernel */
export async function peerViewer(
  { world, engine, closedPorts }: Pick<ApiParts, 'world' | 'engine' | 'closedPorts'>,
  routes: () => Promise<readonly Route[]>,
): Promise<(peer: AgentPeer) => PathView> {
  const { metrics } = world().settings
  const installed = await routes()
  const context = {
    around: engine.around(),
    now: performance.now(),
    moment: momentNow(),
    closedPorts: closedPorts(),
  }
  return (peer) => pathView(peer, context, wayTo(installed, peer.contact.facts.subnets, metrics))
}

async function containersOf({ world, registry }: ApiParts, isAll: boolean): Promise<ContainersView> {
  const { settings, identity } = world()
  const { containers } = await listContainers(settings.stateDir, identity.name)
  if (!isAll) return { version: 1, containers, silent: [] }
  return containersOfAll(containers, registryView(registry, world()))
}

function historyOf({ peers, history }: ApiParts, query: URLSearchParams): readonly TransitionView[] {
  const name = query.get('peer')
  const chosen = name === null ? [...peers.all()] : [peers.find(name)]
  return mergeHistories(
    chosen.flatMap(({ contact }) => contact.facts.overlay.slice(0, 1).map((first) => history.read(first))),
  )
}
