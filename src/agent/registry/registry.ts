// The registry: each host tells all others which containers it has, and keeps what they tell of theirs. When
// the agent of a host falls silent, what it has told is dropped.

import type { ProbePace } from '../../config/agent-settings.ts'
import type { Log } from '../../log.ts'
import type { HostState } from '../../registry/host-state.ts'
import { TICK_MS } from '../../registry/lease.ts'
import type { HttpMounts } from '../http/http.ts'
import type { AgentPeer } from '../peers/peer.ts'
import type { PeerSet } from '../peers/peer-set.ts'
import { type Clock, MACHINE_CLOCK } from '../probing/clock.ts'
import type { World } from '../world/world.ts'
import { REGISTRY_PATH } from './client.ts'
import { complainOnce } from './complaints.ts'
import { makeConversations, type RegistryCount } from './conversations.ts'
import { hasLapsed, keyOf, type Neighbour } from './neighbour.ts'
import { makeNeighbours } from './neighbours.ts'
import { startOwnContainers } from './own-containers.ts'
import { type RegistrySource, serveState, takeState } from './serve.ts'
import { openShelf, type Shelf } from './shelf.ts'

interface RegistryOptions {
  readonly world: () => Pick<World, 'settings' | 'identity' | 'agent'>
  readonly peers: Pick<PeerSet, 'all' | 'atOverlay'>
  readonly log: Log
  readonly count: (what: RegistryCount) => void
  /** Told of packets on the nebula link. */
  readonly onLink: (packets: number) => void
  /** Calls `work` regularly; the machine's own timer, except in tests. */
  readonly every?: Clock['every']
  /** Where other hosts reach this host's HTTP Gateway; undefined if it has none. */
  readonly httpGateway?: () => string | undefined
}

/** What is known of one other host. */
export interface KnownHost {
  readonly peer: AgentPeer
  /** Undefined while its containers are not known. */
  readonly state: HostState | undefined
  readonly isConfirmed: boolean
  readonly problem: string | undefined
  readonly isSilent: boolean
  readonly refusal: string | undefined
}

export interface Registry {
  /** For the agent's HTTP server on the overlay addresses. */
  readonly mounts: HttpMounts
  readonly own: () => HostState
  readonly hosts: () => readonly KnownHost[]
  /** Containers of this host that are not told, with the reason. */
  readonly untold: () => readonly string[]
  readonly diskProblem: () => string | undefined
  /** Calls `listener` after each change of any host's containers. @returns what ends that */
  readonly follow: (listener: () => void) => () => void
  /** Takes in peers that have come or gone, and does what is due. Otherwise that is done every second. */
  readonly lookNow: () => void
  /** Whether this host's own containers are known with their names and labels. */
  readonly isComplete: () => boolean
  /** Looks at this host again: the address of its HTTP Gateway may have changed. */
  readonly lookAtOwn: () => void
  readonly stop: () => void
}

/** Begins with a look at this host's containers. */
export function startRegistry(options: RegistryOptions): Registry {
  const { world, peers, log, count, onLink, every = MACHINE_CLOCK.every } = options
  const complain = complainOnce(log)
  const listeners = new Set<() => void>()
  const tell = (): void => {
    for (const listener of listeners) listener()
  }
  const shelf = openShelf(world().settings.dataDir, complain, tell)
  const neighbours = makeNeighbours(shelf)
  const own = startOwnContainers({
    world,
    complain,
    httpGateway: options.httpGateway ?? (() => undefined),
    onChange: () => {
      tell()
      // The first change comes while the rest is made.
      queueMicrotask(() => talks.converse())
    },
  })
  const line = () => ({ port: world().agent.port, onLink })
  const talks = makeConversations({ own, shelf, neighbours, line, complain, count })
  const lookNow = (): void => {
    neighbours.update(peers.all())
    talks.converse()
  }
  const stopTicks = every(TICK_MS, () => {
    talks.nextTick()
    neighbours.tick(world().agent.probe)
    lookNow()
  })

  const source: RegistrySource = {
    own: own.state,
    isComplete: own.isComplete,
    neighbourAt: (address) => neighbours.of(peers.atOverlay(address)),
    take: (neighbour, state) => {
      const taken = talks.take(neighbour, state)
      count({ way: 'received', result: taken.outcome })
      return taken
    },
    refused: (neighbour, why) => {
      talks.refuse(neighbour, why)
      count({ way: 'received', result: 'refused' })
    },
  }
  return {
    mounts: mountsOf(source),
    own: own.state,
    hosts: () => neighbours.all().map((each) => knownHost(each, shelf, world().agent.probe)),
    untold: own.untold,
    diskProblem: shelf.problem,
    follow: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    lookNow,
    isComplete: own.isComplete,
    lookAtOwn: own.look,
    stop: () => {
      talks.stop()
      stopTicks()
      own.stop()
      shelf.flush()
    },
  }
}

function knownHost(neighbour: Neighbour, shelf: Shelf, pace: ProbePace): KnownHost {
  const { peer, problem, refusal } = neighbour
  const held = shelf.book().get(keyOf(peer))
  return {
    peer,
    state: held?.state,
    isConfirmed: held?.isConfirmed === true,
    problem,
    isSilent: hasLapsed(neighbour, pace),
    refusal,
  }
}

function mountsOf(source: RegistrySource): HttpMounts {
  return {
    [REGISTRY_PATH]: {
      methods: ['GET', 'POST'],
      handle: (request, response) =>
        request.method === 'POST'
          ? takeState(source, request, response)
          : serveState(source, request, response),
    },
  }
}
