// Answers other hosts and Prometheus over HTTP, and runs what asks other hosts: the exchange of certificates
// and the registry.

import { installedRoutes } from '../host/routes/routes.ts'
import type { Log } from '../log.ts'
import type { PathHistory } from '../state/agent/path-history.ts'
import { leasedAddresses } from '../state/addresses/leases.ts'
import type { ClosedPort } from '../views/paths.ts'
import { type Exchange, startExchange } from './exchange/exchange.ts'

import { peerViewer } from './http/api-routes.ts'
import { hostViewMount, type HostViewParts } from './http/host-view.ts'
import { closedPorts, type Opener } from './http/closed-ports.ts'
import { type Listeners, makeListeners } from './http/listeners.ts'
import type { Meters } from './http/meters.ts'
import { shared } from './http/share-recent.ts'
import { noteClock } from './peers/peer-clock.ts'
import { type Names, startNames } from './names/names.ts'
import type { PeerSet } from './peers/peer-set.ts'
import { type GatewayFeed, startFeed } from './http-gateway/feed.ts'
import { makeHostPaths } from './http-gateway/host-paths.ts'
import { tellingOf, watchedHosts } from './http-gateway/known-hosts.ts'
import { watchLanAddress } from './http-gateway/lan-address.ts'
import { type GatewayWatch, watchGateways } from './http-gateway/watch-gateways.ts'
import { type Registry, startRegistry } from './registry/registry.ts'
import type { Engine } from './probing/engine.ts'
import type { GarbageCollector } from './upkeep/garbage.ts'
import { watchWindows } from './upkeep/tell-windows.ts'
import type { World } from './world/world.ts'

/** What the services answer from. */
interface ServiceParts {
  readonly world: () => World
  readonly peers: PeerSet
  readonly engine: Engine
  readonly history: PathHistory
  readonly meters: Meters
  readonly garbage: GarbageCollector
  readonly log: Log
  readonly onLink: (packets: number) => void
  /** The sockets for probes. */
  readonly sockets: Opener
  /** Called when learnt certificates were added or removed. */
  readonly onPeersChanged: () => void
  /** Called when a newer statement was stored. */
  readonly onStatements: () => void
}

export interface Services {
  readonly exchange: Exchange
  readonly registry: Registry
  readonly httpGateway: GatewayFeed
  readonly names: Names
  readonly hostViews: HostViewParts
  readonly listeners: Listeners
  readonly metricsText: () => string
  /** The ports that cannot be opened, for probes or for these services. */
  readonly closedPorts: () => readonly ClosedPort[]
}

/** Makes the services. The listeners listen only when told to. */
export function openServices(parts: ServiceParts): Services {
  const { world, peers, engine, meters, log, onLink } = parts
  const exchange = startExchange({
    view: world,
    onPeersChanged: parts.onPeersChanged,
    onStatements: parts.onStatements,
    log,
    count: meters.exchanged,
    onLink,
    onClock: (overlay, aheadMs) => {
      const peer = peers.atOverlay(overlay)
      if (peer !== undefined) noteClock(peer, aheadMs)
    },
  })
  const windows = watchWindows(world, log)
  const lan = watchLanAddress(world, windows.lanAddress)
  const registry = startRegistry({
    world,
    peers,
    log,
    count: meters.registered,
    onLink,
    httpGateway: lan.endpoint,
  })
  const watch = watchGateways({
    hosts: () => (lan.isInstalled() ? watchedHosts(registry) : []),
    onChange: () => httpGateway.changed(),
  })
  const hostPaths = makeHostPaths(parts.history)
  const httpGateway = startFeed({
    world,
    telling: () => tellingOf({ world, registry, lan, watch, hostPaths }),
    isReady: registry.isComplete,
    lookAround: async () => {
      windows.look(registry.hosts())
      if (await lan.look()) registry.lookAtOwn()
    },
    log,
  })
  registry.follow(httpGateway.changed)
  const names = startNames({ world, registry, log, count: meters.named })
  const routesLately = shared(installedRoutes)
  const closed = (): readonly ClosedPort[] => closedPorts(world().agent.port, parts.sockets, listeners)
  const hostViews: HostViewParts = {
    world,
    peers,
    viewOf: async (peer) => (await peerViewer({ world, engine, closedPorts: closed }, routesLately))(peer),
  }
  const hostView = hostViewMount(hostViews)
  const metricsText = (): string => metricsOf(parts, closed(), { registry, watch })
  const listeners = makeListeners({
    world,
    metricsText,
    offers: {
      overlay: { ...exchange.mounts, ...registry.mounts, ...hostView },
      gateway: hostView,
    },
    onLink,
    log,
  })
  return {
    exchange,
    registry,
    names,
    httpGateway: {
      ...httpGateway,
      stop: () => {
        watch.stop()
        httpGateway.stop()
      },
    },
    hostViews,
    listeners,
    metricsText,
    closedPorts: closed,
  }
}

function metricsOf(
  { world, peers, meters, garbage }: ServiceParts,
  closed: readonly ClosedPort[],
  { registry, watch }: { readonly registry: Registry; readonly watch: GatewayWatch },
): string {
  const { identity, settings, peers: known } = world()
  return meters.text({
    peers: peers.all(),
    refusedPeers: known.refused.length,
    ownExpiry: identity.notAfter,
    leases: leasedAddresses(settings.stateDir).length,
    garbage: garbage.count,
    closedPorts: closed,
    httpGateways: [...watch.contacts().values()].map(({ state }) => state),
    containers: new Map([
      ['self', registry.own().containers.length],
      ...registry
        .hosts()
        .map(({ peer, state }) => [peer.contact.facts.name, state?.containers.length ?? 0] as const),
    ]),
  })
}
