// The timers of the agent: wakes each peer when it is due, notices when this process stood still, and watches whether
// containers use the nebula link.

import { readLinkPackets, readUptimeMs } from '../exec/proc.ts'
import { forgive } from '../probe/lane.ts'
import { judge, type Hands, type OwnPackets, type Surroundings, turn } from './engine.ts'
import { SLOT_MS, slotOf } from './pace.ts'
import { type AgentPeer, MEASURED } from './peer.ts'
import { type ClockLook, type Stall, stallBetween } from './stall.ts'
import { watchTraffic } from './traffic.ts'

/** What the loop runs on. */
export interface LoopInputs {
  readonly peers: () => Iterable<AgentPeer>
  readonly around: () => Omit<Surroundings, 'isBusy'>
  readonly nebulaDev: () => string | undefined
  readonly hands: Hands
  readonly beatMs: number
  /** Called every `beatMs` while the loop is alive: the sign of life for others. */
  readonly onBeat: () => void
  readonly onStall: (stall: Exclude<Stall, 'none'>, ms: number) => void
}

export interface Loop {
  /** The surroundings with what the loop itself knows. */
  readonly around: () => Surroundings
  /** Looks at a peer (at all of them) at once. */
  readonly wake: (peer?: AgentPeer) => void
  /** Counts a message that came or went over the nebula link. */
  readonly ownPackets: OwnPackets
  readonly stop: () => void
}

// Timers closer together than this are taken together: what it costs in precision is a hundredth of the deadline.
const LEAST_MS = 8

export function startLoop({ peers, around, nebulaDev, hands, beatMs, onBeat, onStall }: LoopInputs): Loop {
  const dueAt = new WeakMap<AgentPeer, number>()
  const ownPackets: OwnPackets = { sent: 0, received: 0 }
  const traffic = watchTraffic()
  let isBusy = false
  let timer: NodeJS.Timeout | undefined
  let isStopped = false
  let plannedAt = performance.now()
  let lastLook: ClockLook = look()
  let trafficSlot = -Infinity

  const surroundings = (): Surroundings => ({ ...around(), isBusy })

  const tick = (): void => {
    const now = performance.now()
    // What stood still were we: the answers lie in the sockets and come right after this.
    const stall = stallBetween({ monotonicMs: plannedAt, bootMs: 0 }, { monotonicMs: now, bootMs: 0 }, 0)
    if (stall !== 'none') stoodStill(stall, now - plannedAt, now)
    const slot = slotOf(now)
    if (slot === trafficSlot) return takeTurns()
    trafficSlot = slot
    lookAtTraffic()
  }

  const takeTurns = (): void => {
    if (isStopped) return
    const now = performance.now()
    const surrounding = surroundings()
    let next = slotOf(now) + SLOT_MS
    for (const peer of peers()) {
      let due = dueAt.get(peer) ?? now
      if (due <= now) {
        due = turn(peer, surrounding, hands, ownPackets, now)
        dueAt.set(peer, due)
      }
      if (due < next) next = due
    }
    plan(next, now)
  }

  const plan = (at: number, now: number): void => {
    clearTimeout(timer)
    // A message that comes in while the agent ends would set the clock going again.
    if (isStopped) return
    // Node's timers know whole milliseconds and fire one too early at times: what is not due yet would be waited for again.
    const delay = Math.max(LEAST_MS, Math.ceil(at - now) + 1)
    plannedAt = now + delay
    timer = setTimeout(tick, delay)
  }

  const stoodStill = (stall: Exclude<Stall, 'none'>, ms: number, now: number): void => {
    onStall(stall, ms)
    for (const peer of peers()) {
      for (const lane of MEASURED) forgive(peer.lanes[lane], now)
      if (stall === 'long') {
        // Whether the route guard has meanwhile taken the routes, others know (onStall).
        judge(peer, { kind: 'stall', lost: false }, surroundings(), hands, now)
        continue
      }
      // Only our own absence is taken off: a path that was silent before stays under suspicion.
      const silentSince = Math.max(peer.path.countFrom, peer.lanes.p2p.repliedAt)
      peer.path = { ...peer.path, countFrom: Math.min(now, silentSince + ms) }
    }
  }

  const lookAtTraffic = (): void => {
    const dev = nebulaDev()
    const packets = dev === undefined ? undefined : readLinkPackets(dev)
    // What the link has counted may still lie in our sockets, which Node reads between two rounds of its loop. Nothing is asked
    // before: its answers would be counted as ours and not be on the link yet.
    const { sent } = ownPackets
    setImmediate(() =>
      setImmediate(() => {
        judgeTraffic(packets, sent)
        takeTurns()
      }),
    )
  }

  const wake = (peer?: AgentPeer): void => {
    for (const each of peer === undefined ? peers() : [peer]) dueAt.delete(each)
    const now = performance.now()
    if (plannedAt - now > LEAST_MS) plan(now, now)
  }

  const beat = setInterval(() => {
    const now = look()
    const asleepMs = now.bootMs - lastLook.bootMs - (now.monotonicMs - lastLook.monotonicMs)
    if (stallBetween(lastLook, now, now.monotonicMs - lastLook.monotonicMs) !== 'none')
      stoodStill('long', asleepMs, performance.now())
    lastLook = now
    onBeat()
  }, beatMs)

  const judgeTraffic = (linkPackets: number | undefined, sent: number): void => {
    if (isStopped) return
    const was = isBusy
    isBusy = traffic.look(linkPackets, sent + ownPackets.received, performance.now())
    ownPackets.sent -= sent
    ownPackets.received = 0
    if (isBusy && !was) wake()
  }

  onBeat()
  tick()
  return {
    around: surroundings,
    wake,
    ownPackets,
    stop: () => {
      isStopped = true
      clearTimeout(timer)
      clearInterval(beat)
    },
  }
}

function look(): ClockLook {
  return { monotonicMs: performance.now(), bootMs: readUptimeMs() }
}
