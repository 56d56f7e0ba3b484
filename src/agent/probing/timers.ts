// The agent's timers. They tell the engine when a peer is due and when this process stalled, and watch
// whether containers use the nebula link.

import type { AgentPeer } from '../peers/peer.ts'
import type { Clock } from './clock.ts'
import type { AgentEvent, Engine } from './engine.ts'
import { SLOT_MS, slotOf } from './pace.ts'
import { type ClockLook, type Stall, stallBetween } from './stall.ts'
import { type TrafficWatch, watchTraffic } from './traffic.ts'

/** What the loop runs on. */
export interface LoopInputs {
  readonly peers: () => Iterable<AgentPeer>
  readonly engine: Engine
  /** Returns the packets on the nebula link so far, both ways; undefined if there is no link. */
  readonly linkPackets: () => number | undefined
  readonly clock: Clock
  readonly beatMs: number
  /** Called every `beatMs` while the loop is alive, to write the heartbeat. */
  readonly onBeat: () => void
  readonly onStall: (stall: Exclude<Stall, 'none'>, ms: number) => void
}

export interface Loop {
  /** Passes an event to the engine and plans the next look at its peer. */
  readonly take: (event: AgentEvent) => void
  /** Looks at a peer, or at all of them, immediately. */
  readonly wake: (peer?: AgentPeer) => void
  readonly stop: () => void
}

interface Running {
  readonly inputs: LoopInputs
  /** When each peer is due. A peer without an entry has been woken. */
  readonly dueAt: WeakMap<AgentPeer, number>
  readonly traffic: TrafficWatch
  isBusy: boolean
  isStopped: boolean
  /** Cancels the one timer that is set, which fires at `plannedAt`. */
  callOff: () => void
  plannedAt: number
  lastLook: ClockLook
  trafficSlot: number
}

// Timers closer together than this are merged, at the cost of a hundredth of the deadline in precision.
const LEAST_MS = 8

export function startLoop(inputs: LoopInputs): Loop {
  const { clock, beatMs, onBeat } = inputs
  const loop: Running = {
    inputs,
    dueAt: new WeakMap(),
    traffic: watchTraffic(),
    isBusy: false,
    isStopped: false,
    callOff: () => undefined,
    plannedAt: clock.now(),
    lastLook: look(clock),
    trafficSlot: -Infinity,
  }
  const endBeat = clock.every(beatMs, () => beat(loop))
  onBeat()
  tick(loop)
  return {
    take: (event) => {
      if (inputs.engine.apply(event) !== undefined && event.kind !== 'refused') wake(loop, [event.peer])
    },
    wake: (peer) => wake(loop, peer === undefined ? inputs.peers() : [peer]),
    stop: () => {
      loop.isStopped = true
      loop.callOff()
      endBeat()
    },
  }
}

function tick(loop: Running): void {
  const now = loop.inputs.clock.now()
  // After a stall of this process, the answers are in the sockets and follow immediately.
  const planned = { monotonicMs: loop.plannedAt, bootMs: 0 }
  const stall = stallBetween(planned, { monotonicMs: now, bootMs: 0 }, 0)
  if (stall !== 'none') reportStall(loop, stall, now - loop.plannedAt)
  const slot = slotOf(now)
  if (slot === loop.trafficSlot) return takeTurns(loop)
  loop.trafficSlot = slot
  lookAtTraffic(loop)
}

function takeTurns(loop: Running): void {
  if (loop.isStopped) return
  const { engine, clock, peers } = loop.inputs
  const now = clock.now()
  let next = slotOf(now) + SLOT_MS
  for (const peer of peers()) {
    const planned = loop.dueAt.get(peer)
    let due = planned ?? now
    if (due <= now) {
      due = engine.apply({ kind: 'due', peer, isWoken: planned === undefined }) ?? now
      loop.dueAt.set(peer, due)
    }
    if (due < next) next = due
  }
  plan(loop, next, now)
}

function plan(loop: Running, at: number, now: number): void {
  loop.callOff()
  // A message that arrives while the agent ends would start the clock again.
  if (loop.isStopped) return
  // Node's timers have whole milliseconds, and some fire one too early. Without the extra millisecond they
  // would be set again.
  const delay = Math.max(LEAST_MS, Math.ceil(at - now) + 1)
  loop.plannedAt = now + delay
  loop.callOff = loop.inputs.clock.after(delay, () => tick(loop))
}

function wake(loop: Running, peers: Iterable<AgentPeer>): void {
  for (const peer of peers) loop.dueAt.delete(peer)
  const now = loop.inputs.clock.now()
  if (loop.plannedAt - now > LEAST_MS) plan(loop, now, now)
}

function reportStall({ inputs }: Running, stall: Exclude<Stall, 'none'>, ms: number): void {
  inputs.onStall(stall, ms)
  for (const peer of inputs.peers()) inputs.engine.apply({ kind: 'stall', peer, stall, ms })
}

function beat(loop: Running): void {
  const now = look(loop.inputs.clock)
  const passedMs = now.monotonicMs - loop.lastLook.monotonicMs
  const asleepMs = now.bootMs - loop.lastLook.bootMs - passedMs
  if (stallBetween(loop.lastLook, now, passedMs) !== 'none') reportStall(loop, 'long', asleepMs)
  loop.lastLook = now
  loop.inputs.onBeat()
}

function lookAtTraffic(loop: Running): void {
  const { linkPackets, engine, clock } = loop.inputs
  const packets = linkPackets()
  // Packets that the link has counted may still be in the sockets, which Node reads between two rounds of its
  // loop. Nothing is sent before that, because it would count as ours and not be on the link yet.
  const { sent } = engine.own
  clock.afterArrivals(() => {
    noteTraffic(loop, packets, sent)
    takeTurns(loop)
  })
}

function noteTraffic(loop: Running, linkPackets: number | undefined, sent: number): void {
  if (loop.isStopped) return
  const { engine, clock, peers } = loop.inputs
  const { own } = engine
  const was = loop.isBusy
  loop.isBusy = loop.traffic.look(linkPackets, sent + own.received, clock.now())
  engine.setBusy(loop.isBusy)
  own.sent -= sent
  own.received = 0
  if (loop.isBusy && !was) wake(loop, peers())
}

function look(clock: Clock): ClockLook {
  return { monotonicMs: clock.now(), bootMs: clock.bootMs() }
}
