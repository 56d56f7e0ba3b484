import t from 'tap'

import { makeEngine } from '../../../../src/agent/probing/engine.ts'
import { ownWord, readPeer } from '../../../../src/agent/probing/reading.ts'
import { restsUntil, turn } from '../../../../src/agent/probing/turn.ts'
import { readDatagram } from '../../../../src/agent/probing/inbox.ts'
import { nextDue, SLOT_MS } from '../../../../src/agent/probing/pace.ts'
import { open } from '../../../../src/paths/probe/packet.ts'
import type { Message } from '../../../../src/paths/probe/message.ts'
import {
  type AgentEnd,
  arrival,
  deliver,
  happen,
  look,
  makePair,
  talk,
} from '../../../fixtures/agent/pair.ts'
import {
  A,
  type AgentHost,
  aroundOf,
  peerOf,
  recordingHands,
  sceneOf,
  type SentDatagram,
} from '../../../fixtures/agent/peer.ts'

const NOW = 1_000_000
/** Creates two agents that have just started. */
const started = (): ReturnType<typeof makePair> => {
  const pair = makePair(NOW)
  for (const end of [pair.a, pair.b]) happen(end, { kind: 'start', adopt: false }, NOW)
  return pair
}
const lanesOf = (sent: readonly SentDatagram[], { peer }: AgentEnd): readonly string[] =>
  sent.flatMap(({ datagram }) => {
    const message = open(datagram, peer.contact.key)
    return typeof message === 'string' ? [] : [`${message.lane} ${String(datagram.length)}`]
  })

t.test('one turn sends what is due, each probe between the addresses of its lane', (t) => {
  const { a } = makePair(NOW)
  const own = { sent: 0, received: 0 }
  turn(a.peer, sceneOf(a, NOW + 10_000, own))
  t.same(lanesOf(a.hands.sentOut, a).toSorted(), [
    'gateway 1272',
    'gateway 96',
    'p2p 1272',
    'p2p 96',
    'tunnel 96',
  ])
  t.equal(own.sent, 3, 'of these, those on the nebula link')
  t.match(a.peer.counts, { tunnel: { sent: 1 }, p2p: { sent: 2 }, gateway: { sent: 2 } })
  const messages = a.hands.sentOut.map(({ datagram }) => open(datagram, a.peer.contact.key) as Message)
  t.same(
    messages.map(({ sequence }) => sequence),
    [1, 2, 3, 4, 5],
  )
  t.equal(new Set(messages.map(({ nonce }) => nonce)).size, 5)
  for (const [index, { lane }] of messages.entries())
    t.match(a.hands.sentOut[index], a.peer.contact.ends.get(lane))
  t.end()
})

t.test('a large probe fills the MTU, headers included, in either family', (t) => {
  const dual = (number: number): AgentHost => ({
    number,
    overlay: [`fd86::${String(number)}`],
    subnets: [`fd87:0:0:${String(number)}::/64`],
  })
  const sizes = (own: AgentHost, other: AgentHost, mtuBytes: number): readonly number[] => {
    const hands = recordingHands()
    const around = aroundOf(own, { mtuBytes })
    turn(peerOf(own, other, NOW), sceneOf({ around, hands }, NOW + 10_000))
    return [...new Set(hands.sentOut.map(({ datagram }) => datagram.length))].toSorted((x, y) => x - y)
  }
  t.same(sizes(A, { number: 2 }, 1500), [96, 1500 - 28])
  t.same(sizes(dual(1), dual(2), 1280), [96, 1280 - 48])
  t.end()
})

t.test('a peer without probe addresses is probed through the tunnel only', (t) => {
  const hands = recordingHands()
  const peer = peerOf(A, { number: 2, subnets: ['10.87.2.8/30'] }, NOW)
  turn(peer, sceneOf({ around: aroundOf(A), hands }, NOW + 10_000))
  t.same(
    hands.sentOut.map(({ to }) => to),
    ['10.86.2.1'],
  )
  t.end()
})

t.test('two agents that hear each other both reach the direct path', (t) => {
  const pair = started()
  const { a, b } = pair
  const now = talk(pair, NOW, 30_000)
  for (const { peer, hands } of [a, b]) {
    t.equal(peer.path.phase, 'P2P_ACTIVE')
    const kinds = hands.actions.map(({ kind }) => kind)
    t.equal(kinds.filter((kind) => kind === 'install').length, 1)
    t.ok(!kinds.includes('burst'), 'the engine handles bursts itself')
    t.match(readPeer(peer, a.around, now), { linkUp: true, peer: { phase: 'P2P_ACTIVE' } })
    t.equal(peer.counts.p2p.lost, 0)
  }
  t.end()
})

t.test('a black hole is noticed by extra turns: at the doubt and at the deadline', (t) => {
  const pair = started()
  const { a, b } = pair
  let now = talk(pair, NOW, 30_000)
  const { repliedAt } = a.peer.lanes.p2p
  const { silenceMs, silenceIntervals } = a.around.settings.escalation
  const looks: number[] = []
  while (a.peer.path.phase === 'P2P_ACTIVE' && now < repliedAt + 5000) {
    looks.push(now)
    // Like the loop, takes the next turn when the engine asks for it.
    const next = turn(a.peer, sceneOf(a, now))
    const byGateway = a.hands.sentOut.splice(0).filter(({ to }) => to === '10.87.2.3')
    for (const sent of byGateway)
      for (const answer of deliver(sent, b, now).answers) deliver(answer, a, now + 1)
    now = Math.max(next, now + 1)
  }
  t.match(a.peer.path, { phase: 'GATEWAY_FALLBACK', reason: 'silence' })
  const doubtAt = repliedAt + silenceIntervals * a.around.settings.probe.fastMs + 1
  t.ok(looks.includes(doubtAt), 'the doubt')
  // Leaves the burst its time.
  const deadAt = Math.max(repliedAt + silenceMs, doubtAt + (silenceMs * 3) / 8)
  t.equal(a.peer.path.since, deadAt + 1, 'the deadline')
  t.same(
    a.hands.actions.slice(-3).map(({ kind }) => kind),
    ['withdraw', 'tell', 'record'],
  )
  t.same(a.hands.asked, [], "the gateway path answers, so the peer's kernel is not asked")
  t.end()
})

/** Returns two agents on an unused direct path, right after a turn of `a` with everything answered. */
const atRest = (): { readonly pair: ReturnType<typeof makePair>; readonly now: number } => {
  const pair = started()
  const from = talk(pair, NOW, 30_000)
  for (const end of [pair.a, pair.b]) end.around = { ...end.around, isBusy: false }
  return { pair, now: talk(pair, from, 30_000) }
}

t.test('an idle path is judged when its answer is overdue, not at the next slow probe', (t) => {
  const { pair, now: from } = atRest()
  const { a, b } = pair
  const { idleMs } = a.around.settings.probe
  const looks: number[] = []
  let now = from
  while (a.peer.path.phase === 'P2P_ACTIVE' && now < from + 4 * idleMs) {
    looks.push(now)
    const next = turn(a.peer, sceneOf(a, now))
    for (const sent of a.hands.sentOut.splice(0).filter(({ to }) => to === '10.87.2.3'))
      for (const answer of deliver(sent, b, now).answers) deliver(answer, a, now + 1)
    now = Math.max(next, now + 1)
  }
  t.match(a.peer.path, { phase: 'GATEWAY_FALLBACK' })
  const missed = looks.find((at) => at > from && a.peer.lanes.p2p.repliedAt < from)
  t.ok(missed !== undefined)
  const lastSent = a.peer.lanes.p2p.small.probes.find(({ sentAt }) => sentAt >= from)?.sentAt ?? 0
  const { silenceMs } = a.around.settings.escalation
  t.ok(
    a.peer.path.since - lastSent <= 500 + 2 * SLOT_MS + silenceMs,
    `${String(a.peer.path.since - lastSent)} ms after the first lost probe`,
  )
  t.end()
})

t.test('an idle peer that has answered needs no turn before its next probe', (t) => {
  const { pair, now } = atRest()
  const { peer, around } = pair.a
  for (const lane of ['tunnel', 'gateway'] as const) peer.clock.next[lane] = now + 9000
  for (const lane of ['p2p', 'gateway'] as const) peer.clock.nextBig[lane] = now + 9000
  peer.clock.next.p2p = now + 3000
  t.equal(restsUntil(peer, around, now), now + 3000)
  t.equal(restsUntil(peer, around, now + 3000), undefined, 'a probe is due')
  t.equal(restsUntil(peer, { ...around, isBusy: true }, now), undefined, 'the path is in use')
  t.equal(restsUntil(peer, { ...around, linkUp: false }, now), undefined, 'the link is down')
  const { path } = peer
  for (const changes of [{ phase: 'GATEWAY_FALLBACK' }, { doubtAt: now }, { slowSince: now }] as const) {
    peer.path = { ...path, ...changes }
    t.equal(restsUntil(peer, around, now), undefined, JSON.stringify(changes))
  }
  peer.path = path
  peer.clock.fastUntil = now + 1
  t.equal(restsUntil(peer, around, now), undefined, 'a period of quick probes')
  peer.clock.fastUntil = -Infinity
  turn(peer, sceneOf(pair.a, nextDue(peer.clock)))
  t.equal(restsUntil(peer, around, now + 1), undefined, 'an answer is outstanding')
  peer.lanes.p2p.roundTrip = { smoothedMs: 2000, variationMs: 1 }
  t.equal(restsUntil(peer, around, now), undefined, 'it is slow')
  t.end()
})

t.test('deadlines are met: a silent gateway path, the end of a hold-off', (t) => {
  const { pair, now } = atRest()
  const { a } = pair
  const { silenceMs } = a.around.settings.escalation
  const until =
    a.peer.lanes.gateway.repliedAt + Math.max(3 * a.around.settings.probe.gatewayMs, silenceMs) + 1
  let at = now
  while (a.peer.path.canLeave && at < until + 60_000) {
    at = Math.max(at + 1, turn(a.peer, sceneOf(a, at)))
    const answered = a.hands.sentOut.splice(0).filter(({ to }) => to !== '10.87.2.3')
    for (const sent of answered)
      for (const answer of deliver(sent, pair.b, at).answers) deliver(answer, a, at)
  }
  t.notOk(a.peer.path.canLeave)
  t.ok(at <= until + a.around.settings.probe.idleMs, 'the direct path is not left for a dead gateway path')
  t.end()
})

t.test("if both paths are silent, the peer's kernel is asked once a second", (t) => {
  const pair = started()
  const { a } = pair
  const lostAt = talk(pair, NOW, 30_000)
  const end = talk(pair, lostAt, 20_000, () => false)
  t.equal(a.peer.path.phase, 'P2P_ACTIVE', 'there is no better path')
  const { length } = a.hands.asked
  t.ok(length >= 10 && length <= 20, String(length))
  a.peer.refused.gateway = true
  talk(pair, end, 1000, () => false)
  t.equal(a.peer.path.reason, 'peer-agent-gone')
  t.end()
})

t.test('our own state fits into a message', (t) => {
  const { peer } = makePair(NOW).a
  t.match(ownWord(peer, NOW), { phase: 'GATEWAY_ONLY', holdMs: 0 })
  for (const [holdUntil, holdMs] of [
    [NOW + 1500.4, 1500],
    [NOW - 5, 0],
    [Infinity, 2 ** 32 - 1],
  ] as const) {
    peer.path = { ...peer.path, holdUntil }
    t.equal(ownWord(peer, NOW).holdMs, holdMs)
  }
  t.end()
})

t.test('one engine applies messages and timers, and counts packets on the nebula link', (t) => {
  const { a, b } = makePair(NOW)
  const ports: (number | undefined)[] = []
  let now = NOW + 10_000
  const engine = makeEngine({
    around: () => b.around,
    hands: { ...b.hands, send: (_datagram, _from, _to, port) => ports.push(port) },
    clock: { now: () => now },
    own: { sent: 0, received: 0 },
  })
  for (const sent of look(a, now)) {
    const event = readDatagram(
      { ...arrival(sent, b), port: 5555 },
      { wireName: b.around.wireName, byWireName: new Map([[b.peer.contact.wireName, b.peer]]) },
    )
    t.equal(event && engine.apply(event), undefined, 'the next turn stays as planned')
  }
  t.same(ports, [5555, 5555, 5555, 5555, 5555], 'each answer goes to the sender of the question')
  t.same(engine.own, { sent: 3, received: 3 }, 'three of five lanes cross the link')
  const next = engine.apply({ kind: 'due', peer: b.peer, isWoken: true })
  t.ok(next !== undefined && next > now)
  t.same(engine.own, { sent: 6, received: 3 })
  now += 5000
  const { countFrom } = b.peer.path
  engine.apply({ kind: 'stall', peer: b.peer, stall: 'short', ms: 300 })
  t.equal(b.peer.path.countFrom, countFrom + 300, 'silence does not include the lost time')
  engine.setBusy(true)
  t.equal(engine.around().isBusy, true)
  t.end()
})
