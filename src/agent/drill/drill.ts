// A drill blocks one peer's direct path on purpose, while its own packets take the route of container
// packets, from bridge address to bridge address.

import { formatIp } from '../../addr/ip.ts'
import { CniCode, CniError } from '../../cni/error.ts'
import {
  type DrillLine,
  DRILL_LEAST_MS,
  DRILL_MOST_MS,
  type DrillRequest,
  type DrillStage,
} from '../../views/drill.ts'
import type { TransitionView } from '../../views/paths.ts'
import { isObject } from '../../json.ts'
import { block, learnUnderlay, unblock } from '../../host/drill.ts'
import { datagramBytes, encode, USUAL_BYTES } from '../../paths/probe/packet.ts'
import { countFlow, type Flow, type FlowPacket } from './drill-flow.ts'
import type { Message } from '../../paths/probe/message.ts'
import { ownWord } from '../probing/reading.ts'
import type { Surroundings } from '../probing/scene.ts'
import { type AgentPeer, nextSequence, randomHex } from '../peers/peer.ts'
import type { PeerSet } from '../peers/peer-set.ts'
import type { AgentSockets } from '../probing/sockets.ts'
import type { Transitions } from '../paths/transitions.ts'

/** What a drill acts on. */
export interface DrillParts {
  readonly peers: PeerSet
  readonly around: () => Pick<Surroundings, 'wireName'>
  readonly sockets: Pick<AgentSockets, 'send'>
  readonly transitions: Transitions
}

/** The drills of one agent, one at a time. */
export interface Drills {
  /** Runs one. Ends early and restores the path if the signal says that the caller has left. */
  readonly run: (request: DrillRequest, signal: AbortSignal) => AsyncIterable<DrillLine>
  /** Counts an echo on the `user` lane. */
  readonly echoed: (peer: AgentPeer, message: Pick<Message, 'nonce'>) => void
}

/** The running drill's flow, and its peer. */
interface Current {
  readonly peer: AgentPeer
  readonly packets: Map<string, FlowPacket>
}

// Ten times finer than the deadline that is measured.
const EVERY_MS = 20
const BEFORE_MS = 1000
// The hold-off and the probes after a first fall take 10 s. A peer that falls often waits longer than a user
// watches a drill.
const RETURN_MS = 45_000

/** Parses the body of the request. @throws CniError InvalidConfig that names key and value */
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

export function makeDrills(parts: DrillParts): Drills {
  let current: Current | undefined

  async function* run({ peer: name, forMs }: DrillRequest, signal: AbortSignal): AsyncIterable<DrillLine> {
    let mine: Current | undefined
    try {
      const peer = parts.peers.find(name)
      refuseOnGateway(peer)
      if (current !== undefined)
        throw new CniError(CniCode.TryAgainLater, 'a drill is under way', 'wait for its end')
      current = mine = { peer, packets: new Map() }
      yield* drill(parts, mine, forMs, signal)
    } catch (error) {
      if (!(error instanceof CniError)) throw error
      // The response has begun, so the refusal becomes one of its lines.
      yield { kind: 'failed', message: error.message, details: error.details }
    } finally {
      if (mine !== undefined) current = undefined
    }
  }

  return {
    run,
    echoed: (peer, { nonce }) => {
      const packet = peer === current?.peer ? current.packets.get(nonce) : undefined
      if (packet !== undefined) packet.backAt = performance.now()
    },
  }
}

function refuseOnGateway({ path, contact }: AgentPeer): void {
  if (path.phase === 'P2P_ACTIVE') return
  const why =
    `${contact.facts.name} is on the gateway path (${path.reason}): ` + 'there is no direct path to block'
  throw new CniError(CniCode.TryAgainLater, 'nothing to drill', why)
}

async function* drill(
  parts: DrillParts,
  { peer, packets }: Current,
  forMs: number,
  signal: AbortSignal,
): AsyncIterable<DrillLine> {
  const startedAt = new Date()
  const begun = performance.now()
  const underlay = await learnUnderlay((bytes) => sendMarked(parts, peer, bytes))
  const seen: TransitionView[] = []
  const stopFollowing = new AbortController()
  void collect(parts.transitions.follow(stopFollowing.signal), peer, seen)
  const flow = startFlow(parts, peer, packets)
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
      `${underlay.address} port ${String(underlay.port)} is blocked for ${String(forMs / 1000)} s; ` +
        'the kernel ends that by itself',
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
      yield progress('returned', 'back on the direct path')
      await pause(BEFORE_MS, signal)
    }
    flow.stop()
    // Packets on the way may still arrive.
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

// `packetBytes` is the size of the whole inner packet, by which the kernel tells it from other traffic.
function sendMarked({ around, sockets }: DrillParts, peer: AgentPeer, packetBytes: number): void {
  const ends = peer.contact.ends.get('p2p')
  if (ends === undefined) return
  const bytes = datagramBytes(packetBytes, ends.to)
  sockets.send(userProbe(peer, around(), { lane: 'p2p', nonce: randomHex() }, bytes), ends.from, ends.to)
}

function startFlow({ around, sockets }: DrillParts, peer: AgentPeer, packets: Map<string, FlowPacket>): Flow {
  const ends = peer.contact.ends.get('user')
  const timer = setInterval(() => {
    if (ends === undefined) return
    const nonce = randomHex()
    packets.set(nonce, { sentAt: performance.now(), backAt: undefined })
    sockets.send(userProbe(peer, around(), { lane: 'user', nonce }, USUAL_BYTES), ends.from, ends.to)
  }, EVERY_MS)
  return { packets, stop: () => clearInterval(timer) }
}

function userProbe(
  peer: AgentPeer,
  { wireName }: Pick<Surroundings, 'wireName'>,
  probe: Pick<Message, 'lane' | 'nonce'>,
  bytes: number,
): Buffer {
  const { contact } = peer
  const message = {
    kind: 'probe',
    ...probe,
    from: wireName,
    to: contact.wireName,
    session: peer.session,
    sequence: nextSequence(peer),
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
