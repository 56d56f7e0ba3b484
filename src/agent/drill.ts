// A drill: one peer's P2P path is blocked on purpose, while packets of our own go where the containers' go, from bridge
// address to bridge address by the users' route.

import { formatIp } from '../addr/ip.ts'
import { CniCode, CniError } from '../cni/error.ts'
import {
  type DrillLine,
  DRILL_LEAST_MS,
  DRILL_MOST_MS,
  type DrillRequest,
  type DrillStage,
} from '../api/drill.ts'
import type { TransitionView } from '../api/views.ts'
import { isObject } from '../config/shape.ts'
import { block, learnUnderlay, unblock } from '../host/drill.ts'
import { datagramBytes, encode, USUAL_BYTES } from '../probe/packet.ts'
import { countFlow, type Flow, type FlowPacket } from './drill-flow.ts'
import { ownWord, type Surroundings } from './engine.ts'
import { type AgentPeer, nextSequence, randomHex } from './peer.ts'
import type { PeerSet } from './peer-set.ts'
import type { Receiver } from './receiver.ts'
import type { AgentSockets } from './sockets.ts'
import type { Transitions } from './transitions.ts'

/** What a drill acts on. */
export interface DrillParts {
  readonly peers: PeerSet
  readonly around: () => Surroundings
  readonly sockets: AgentSockets
  readonly receiver: Receiver
  readonly transitions: Transitions
}

// Ten times finer than the deadline that is measured.
const EVERY_MS = 20
const BEFORE_MS = 1000
// Hold-off and probes of a first fall take 10 s; a peer that falls often waits longer than anybody watches a drill.
const RETURN_MS = 45_000

let isRunning = false

/** Reads the body of the request. @throws CniError InvalidConfig naming key and value */
export function parseDrillRequest(body: unknown): DrillRequest {
  const { peer, forMs } = isObject(body) ? body : {}
  if (typeof peer !== 'string') throw wrong('peer', 'needs a name or an address')
  if (
    typeof forMs !== 'number' ||
    !Number.isInteger(forMs) ||
    forMs < DRILL_LEAST_MS ||
    forMs > DRILL_MOST_MS
  )
    throw wrong('forMs', `needs ${String(DRILL_LEAST_MS)} to ${String(DRILL_MOST_MS)} milliseconds`)
  return { peer, forMs }
}

/** Runs one drill; ends early, with the path given back, when the signal says that nobody listens any more. */
export async function* runDrill(
  parts: DrillParts,
  { peer: name, forMs }: DrillRequest,
  signal: AbortSignal,
): AsyncIterable<DrillLine> {
  let isMine = false
  try {
    const peer = parts.peers.find(name)
    if (peer.path.phase !== 'P2P_ACTIVE') {
      const why = `${peer.contact.facts.name} is on the gateway path (${peer.path.reason}): there is no direct path to take away`
      throw new CniError(CniCode.TryAgainLater, 'nothing to drill', why)
    }
    if (isRunning) throw new CniError(CniCode.TryAgainLater, 'a drill is under way', 'wait for its end')
    isRunning = isMine = true
    yield* drill(parts, peer, forMs, signal)
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    // The answer has begun already: as a line of it the refusal is heard.
    yield { kind: 'failed', message: error.message, details: error.details }
  } finally {
    if (isMine) {
      isRunning = false
      parts.receiver.listenToUserLane(undefined)
    }
  }
}

async function* drill(
  parts: DrillParts,
  peer: AgentPeer,
  forMs: number,
  signal: AbortSignal,
): AsyncIterable<DrillLine> {
  const startedAt = new Date()
  const begun = performance.now()
  const underlay = await learnUnderlay((bytes) => sendMarked(parts, peer, bytes))
  const seen: TransitionView[] = []
  const stopFollowing = new AbortController()
  void collect(parts.transitions.follow(stopFollowing.signal), peer, seen)
  const flow = startFlow(parts, peer)
  const progress = (stage: DrillStage, text: string): DrillLine => {
    const { sent, lost } = countFlow(flow.packets, 0, performance.now())
    return { kind: 'progress', atMs: Math.round(performance.now() - begun), stage, sent, lost, text }
  }
  try {
    yield progress('measuring', `packets every ${String(EVERY_MS)} ms to ${peer.contact.facts.name}`)
    await pause(BEFORE_MS, signal)
    await block(underlay, forMs)
    const blockedAt = performance.now()
    yield progress(
      'blocked',
      `${underlay.address} port ${String(underlay.port)} is blocked for ${String(forMs / 1000)} s; the kernel ends that by itself`,
    )
    const mustEndAt = blockedAt + forMs
    while (peer.path.phase === 'P2P_ACTIVE' && performance.now() < mustEndAt && !signal.aborted)
      await pause(EVERY_MS, signal)
    if (peer.path.phase !== 'P2P_ACTIVE')
      yield progress('switched', `on the gateway path: ${peer.path.reason} (${peer.path.detail})`)
    await pause(mustEndAt - performance.now(), signal)
    const wasBlocked = await unblock(underlay)
    const endedAt = performance.now()
    yield progress('unblocked', 'the block is off')
    while (peer.path.phase !== 'P2P_ACTIVE' && performance.now() - endedAt < RETURN_MS && !signal.aborted)
      await pause(100, signal)
    const hasReturned = peer.path.phase === 'P2P_ACTIVE'
    const returnedAt = performance.now()
    if (hasReturned) {
      yield progress('returned', 'back on the P2P path')
      await pause(BEFORE_MS, signal)
    }
    flow.stop()
    // What is under way may still arrive.
    await pause(300, signal)
    const whole = countFlow(flow.packets, 0, performance.now())
    yield {
      kind: 'result',
      peer: peer.contact.facts.name,
      startedAt: startedAt.toISOString(),
      forMs,
      outageMs: countFlow(flow.packets, blockedAt - EVERY_MS * 2, endedAt).longestGapMs,
      everyMs: EVERY_MS,
      sent: whole.sent,
      lost: whole.lost,
      transitions: seen,
      returnedAfterMs: hasReturned ? Math.round(returnedAt - endedAt) : null,
      lostOnReturn: countFlow(flow.packets, returnedAt - 300, performance.now()).lost,
      restoredBy: wasBlocked ? 'agent' : 'timer',
    }
  } finally {
    flow.stop()
    stopFollowing.abort()
    await unblock(underlay)
  }
}

// Bytes of the whole inner packet: the size by which the kernel tells it from other traffic.
function sendMarked({ around, sockets }: DrillParts, peer: AgentPeer, packetBytes: number): void {
  const ends = peer.contact.ends.get('p2p')
  if (ends === undefined) return
  const bytes = datagramBytes(packetBytes, ends.to)
  sockets.send(userProbe(peer, around(), 'p2p', randomHex(), bytes), ends.from, ends.to)
}

function startFlow({ around, sockets, receiver }: DrillParts, peer: AgentPeer): Flow {
  const packets = new Map<string, FlowPacket>()
  receiver.listenToUserLane((from, { nonce }) => {
    const packet = packets.get(nonce)
    if (from === peer && packet !== undefined) packet.backAt = performance.now()
  })
  const ends = peer.contact.ends.get('user')
  const timer = setInterval(() => {
    if (ends === undefined) return
    const nonce = randomHex()
    packets.set(nonce, { sentAt: performance.now(), backAt: undefined })
    sockets.send(userProbe(peer, around(), 'user', nonce, USUAL_BYTES), ends.from, ends.to)
  }, EVERY_MS)
  return { packets, stop: () => clearInterval(timer) }
}

function userProbe(
  peer: AgentPeer,
  { wireName }: Surroundings,
  lane: 'user' | 'p2p',
  nonce: string,
  bytes: number,
): Buffer {
  const { contact } = peer
  const message = {
    kind: 'probe',
    lane,
    from: wireName,
    to: contact.wireName,
    session: peer.session,
    sequence: nextSequence(peer),
    nonce,
    word: ownWord(peer, performance.now()),
  } as const
  return encode(message, contact.key, bytes)
}

async function collect(
  views: AsyncIterable<TransitionView>,
  peer: AgentPeer,
  into: TransitionView[],
): Promise<void> {
  const [first] = peer.contact.facts.overlay
  for await (const view of views) if (first !== undefined && view.overlay === formatIp(first)) into.push(view)
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, signal.aborted ? 0 : Math.max(0, ms))
    signal.addEventListener('abort', end)
  })
}

function wrong(key: string, problem: string): CniError {
  return new CniError(CniCode.InvalidConfig, 'drill not understood', `${key}: ${problem}`)
}
