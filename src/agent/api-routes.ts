// What the local API offers (src/api/views.ts has the shapes).

import { CniCode, CniError } from '../cni/error.ts'
import { formatPrefix } from '../addr/prefix.ts'
import type { ApiRequest, ApiRoutes } from '../api/server.ts'
import type { PathView, StatusView, TransitionView } from '../api/views.ts'
import { buildInfo } from '../build-info.ts'
import { agentSettingsJson } from '../config/agent-settings.ts'
import type { Route } from '../ip/route.ts'
import { installedRoutes } from '../host/routes.ts'
import { wayTo } from '../route/way.ts'
import type { PathHistory } from '../state/path-history.ts'
import { type DrillParts, parseDrillRequest, runDrill } from './drill.ts'
import { askPeer, type ReportParts } from './host-report.ts'
import type { Loop } from './loop.ts'
import { containersView } from './office-containers.ts'
import type { AgentPeer } from './peer.ts'
import type { PeerSet } from './peer-set.ts'
import type { RouteKeeper } from './route-keeper.ts'
import type { Transitions } from './transitions.ts'
import type { Upkeep } from './upkeep.ts'
import { pathView } from './views.ts'
import type { World } from './world.ts'

/** What the answers are made from; undefined while the agent is still starting. */
export interface ApiParts {
  readonly world: () => World
  readonly peers: PeerSet
  readonly routes: RouteKeeper
  readonly history: PathHistory
  readonly transitions: Transitions
  readonly upkeep: Upkeep
  readonly loop: Loop
  readonly metricsText: () => string
  /** Counts something that was not believed. */
  readonly refused: (why: string) => void
  readonly drill: DrillParts
  readonly reports: ReportParts
  readonly startedAt: Date
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
    'GET /v1/containers': ({ query }) => {
      const { world, peers, refused } = ready()
      return containersView(world(), peers, query.get('all') === '1', refused)
    },
    'GET /v1/peer-report': ({ query }) => {
      const { reports, peers } = ready()
      return askPeer(reports, peers.find(query.get('peer') ?? ''))
    },
    'POST /v1/drill': ({ body, signal }) => runDrill(ready().drill, parseDrillRequest(body), signal),
    'GET /v1/config': () => agentSettingsJson(ready().world().agent),
    'GET /v1/metrics': () => ({ text: ready().metricsText() }),
  }
}

async function statusView(parts: ApiParts): Promise<StatusView> {
  const { world, peers, routes, upkeep, startedAt } = parts
  const { identity, network, peers: known } = world()
  return {
    version: 1,
    agent: { ...buildInfo(), pid: process.pid, startedAt: startedAt.toISOString() },
    name: identity.name,
    overlay: identity.overlay.map(formatPrefix),
    subnets: identity.subnets.map(formatPrefix),
    nebulaDev: network.nebulaDev ?? null,
    peers: await pathViews(parts, [...peers.all()]),
    refusedPeers: known.refused.map(({ peer, reason }) => ({ peer, reason })),
    lastError: routes.trouble() ?? upkeep.trouble() ?? null,
  }
}

/** What the API shows of these peers, sorted by name. @param routes what the kernel has of ours */
export async function pathViews(
  parts: Pick<ApiParts, 'world' | 'loop'>,
  peers: readonly AgentPeer[],
  routes: () => Promise<readonly Route[]> = installedRoutes,
): Promise<readonly PathView[]> {
  const { settings } = parts.world()
  const installed = await routes()
  const now = performance.now()
  return peers
    .toSorted((a, b) => a.contact.facts.name.localeCompare(b.contact.facts.name))
    .map((peer) => {
      const way = wayTo(installed, peer.contact.facts.subnets, settings.metrics)
      return pathView(peer, parts.loop.around(), way, now)
    })
}

function historyOf({ peers, history }: ApiParts, query: URLSearchParams): readonly TransitionView[] {
  const name = query.get('peer')
  const chosen = name === null ? [...peers.all()] : [peers.find(name)]
  return chosen
    .flatMap(({ contact }) => contact.facts.overlay.slice(0, 1).flatMap((first) => history.read(first)))
    .toSorted((a, b) => a.at.localeCompare(b.at))
}
