// What the upkeep looks at and acts on.

import type { Log } from '../../log.ts'
import type { RouteKeeper } from '../paths/route-keeper.ts'
import type { PeerSet } from '../peers/peer-set.ts'
import type { Engine } from '../probing/engine.ts'
import type { Loop } from '../probing/timers.ts'
import type { World } from '../world/world.ts'
import type { GarbageCollector } from './garbage.ts'

export interface UpkeepParts {
  readonly world: () => World
  readonly change: (world: World) => void
  readonly peers: PeerSet
  readonly routes: RouteKeeper
  readonly garbage: GarbageCollector
  readonly loop: Loop
  readonly engine: Engine
  readonly log: Log
}
