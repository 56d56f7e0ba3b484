// Talks to the agents of other hosts over UDP: sockets, notices, the engine and its timers, drills.

import type { EscalationAction } from '../paths/escalation/state.ts'
import { hasWithdrawn } from '../host/routes/route-guard.ts'
import { readLinkPackets } from '../kernel/proc.ts'
import type { Log } from '../log.ts'
import { BEAT_MS } from '../state/agent/heartbeat.ts'
import { type Drills, makeDrills } from './drill/drill.ts'
import type { Meters } from './http/meters.ts'
import type { RouteKeeper } from './paths/route-keeper.ts'
import type { Transitions } from './paths/transitions.ts'
import { makeNotices, type Notices } from './peers/notices.ts'
import { type AgentPeer, makeNonces } from './peers/peer.ts'
import type { PeerSet } from './peers/peer-set.ts'
import { MACHINE_CLOCK } from './probing/clock.ts'
import { type Engine, makeEngine } from './probing/engine.ts'
import { readDatagram } from './probing/inbox.ts'
import { askKernel } from './probing/kernel-ask.ts'
import { accountRefusals } from './probing/refusals.ts'
import type { OwnPackets } from './probing/scene.ts'
import { type AgentSockets, openSockets } from './probing/sockets.ts'
import type { Stall } from './probing/stall.ts'
import { type Loop, startLoop } from './probing/timers.ts'
import { surroundingsOf } from './world/surroundings.ts'
import type { World } from './world/world.ts'

/** What the prober works with. */
interface ProberParts {
  readonly world: () => World
  readonly peers: PeerSet
  readonly routes: RouteKeeper
  readonly transitions: Transitions
  readonly meters: Meters
  readonly log: Log
  /** Called several times a second while the timers run. */
  readonly onBeat: () => void
  /** Called after the guard took this agent for dead. */
  readonly onWithdrawn: () => void
}

export interface Prober {
  readonly engine: Engine
  readonly loop: Loop
  readonly drills: Drills
  readonly sockets: Pick<AgentSockets, 'keep' | 'closed'>
  /** Counts packets of the agent itself on the nebula link. */
  readonly onLink: (packets: number) => void
  /** Stops the timers. Notices still arrive. */
  readonly stopLoop: () => void
  readonly stopNotices: () => void
  readonly close: () => void
}

// Shorter stalls are normal on a busy machine.
const WORTH_A_WORD_MS = 1000

export function startProber(parts: ProberParts): Prober {
  const { world, peers, routes, transitions, meters, log } = parts
  const own: OwnPackets = { sent: 0, received: 0 }
  const onLink = (packets: number): void => void (own.sent += packets)
  const around = () => surroundingsOf(world())
  const sockets = openSockets(world().agent.port, (address, problem) =>
    log('warn', 'address not usable', { address, error: problem }),
  )
  const notices = makeNotices(around, sockets.send, onLink, MACHINE_CLOCK)
  const drills = makeDrills({ peers, around, sockets, transitions })
  const engine = makeEngine({
    around,
    own,
    clock: MACHINE_CLOCK,
    hands: {
      send: sockets.send,
      act: (peer, action) => act(peer, action, { routes, notices, transitions }),
      askKernel: (peer) => askKernel(peer, world().agent.port, onLink),
      answered: meters.answered,
      heard: notices.heard,
      echoed: drills.echoed,
      refused: accountRefusals(meters, log),
      nonce: makeNonces(),
      random: Math.random,
    },
  })
  const loop = startLoop({
    peers: peers.all,
    engine,
    linkPackets: () => readLinkPackets(world().network.nebulaDev ?? ''),
    clock: MACHINE_CLOCK,
    beatMs: BEAT_MS,
    onBeat: parts.onBeat,
    onStall: (stall, ms) => stalled(parts, engine, stall, ms),
  })
  sockets.deliverTo((incoming) => {
    const event = readDatagram(incoming, { wireName: world().wireName, byWireName: peers.byWireName })
    if (event !== undefined) loop.take(event)
  })
  return {
    engine,
    loop,
    drills,
    sockets,
    onLink,
    stopLoop: loop.stop,
    stopNotices: notices.stop,
    close: sockets.close,
  }
}

function stalled(
  { world, peers, meters, log, onWithdrawn }: ProberParts,
  engine: Engine,
  stall: Exclude<Stall, 'none'>,
  ms: number,
): void {
  meters.stalled()
  if (stall === 'short') return
  if (ms >= WORTH_A_WORD_MS) log('warn', 'the agent stalled', { what: `for ${String(Math.round(ms))} ms` })
  // If the machine was suspended as a whole, nothing is lost, because the guard did not run either.
  if (!hasWithdrawn(world().settings.runDir)) return
  onWithdrawn()
  for (const peer of peers.all()) engine.apply({ kind: 'path', peer, event: { kind: 'stall', lost: true } })
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
      // The engine handles bursts itself.
      return undefined
  }
}
