import t from 'tap'

import { judge, ownWord, readPeer, turn } from '../../../src/agent/engine.ts'
import { open } from '../../../src/probe/packet.ts'
import type { Message } from '../../../src/probe/message.ts'
import { type AgentEnd, deliver, makePair, talk } from '../../fixtures/agent-pair.ts'
import {
  A,
  type AgentHost,
  aroundOf,
  peerOf,
  recordingHands,
  type SentDatagram,
} from '../../fixtures/agent-peer.ts'

const NOW = 1_000_000
/** Two agents that have just begun. */
const started = (): ReturnType<typeof makePair> => {
  const pair = makePair(NOW)
  for (const end of [pair.a, pair.b])
    judge(end.peer, { kind: 'start', adopt: false }, end.around, end.hands, NOW)
  return pair
}
const lanesOf = (sent: readonly SentDatagram[], { peer }: AgentEnd): readonly string[] =>
  sent.flatMap(({ datagram }) => {
    const message = open(datagram, peer.contact.key)
    return typeof message === 'string' ? [] : [`${message.lane} ${String(datagram.length)}`]
  })

t.test('one look sends what is due, each probe between the addresses of its lane', (t) => {
  const { a } = makePair(NOW)
  const own = { sent: 0, received: 0 }
  turn(a.peer, a.around, a.hands, own, NOW + 10_000)
  t.same(lanesOf(a.hands.sentOut, a).toSorted(), [
    'gateway 1272',
    'gateway 96',
    'p2p 1272',
    'p2p 96',
    'tunnel 96',
  ])
  t.equal(own.sent, 3, 'of which these go over the nebula link')
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

t.test('a large probe fills the MTU, headers and all, in either family', (t) => {
  const dual = (number: number): AgentHost => ({
    number,
    overlay: [`fd86::${String(number)}`],
    subnets: [`fd87:0:0:${String(number)}::/64`],
  })
  const sizes = (own: AgentHost, other: AgentHost, mtuBytes: number): readonly number[] => {
    const hands = recordingHands()
    turn(peerOf(own, other, NOW), aroundOf(own, { mtuBytes }), hands, { sent: 0, received: 0 }, NOW + 10_000)
    return [...new Set(hands.sentOut.map(({ datagram }) => datagram.length))].toSorted((x, y) => x - y)
  }
  t.same(sizes(A, { number: 2 }, 1500), [96, 1500 - 28])
  t.same(sizes(dual(1), dual(2), 1280), [96, 1280 - 48])
  t.end()
})

t.test('a peer without an address for probes is asked by the tunnel alone', (t) => {
  const hands = recordingHands()
  const peer = peerOf(A, { number: 2, subnets: ['10.87.2.8/30'] }, NOW)
  turn(peer, aroundOf(A), hands, { sent: 0, received: 0 }, NOW + 10_000)
  t.same(
    hands.sentOut.map(({ to }) => to),
    ['10.86.2.1'],
  )
  t.end()
})

t.test('two agents that hear each other come to the P2P path, both', (t) => {
  const pair = started()
  const { a, b } = pair
  const now = talk(pair, NOW, 30_000)
  for (const { peer, hands } of [a, b]) {
    t.equal(peer.path.phase, 'P2P_ACTIVE')
    const kinds = hands.actions.map(({ kind }) => kind)
    t.equal(kinds.filter((kind) => kind === 'install').length, 1)
    t.ok(!kinds.includes('burst'), 'bursts are the own business of the engine')
    t.match(readPeer(peer, a.around, now), { linkUp: true, peer: { phase: 'P2P_ACTIVE' } })
    t.equal(peer.counts.p2p.lost, 0)
  }
  t.end()
})

t.test('a black hole is noticed by looks of its own: at the doubt and at the deadline', (t) => {
  const pair = started()
  const { a, b } = pair
  let now = talk(pair, NOW, 30_000)
  const { repliedAt } = a.peer.lanes.p2p
  const { silenceMs, silenceIntervals } = a.around.settings.escalation
  const looks: number[] = []
  while (a.peer.path.phase === 'P2P_ACTIVE' && now < repliedAt + 5000) {
    looks.push(now)
    // As the loop does it: the next look is when the engine asks for it.
    const next = turn(a.peer, a.around, a.hands, { sent: 0, received: 0 }, now)
    const byGateway = a.hands.sentOut.splice(0).filter(({ to }) => to === '10.87.2.3')
    for (const sent of byGateway)
      for (const answer of deliver(sent, b, now).answers) deliver(answer, a, now + 1)
    now = Math.max(next, now + 1)
  }
  t.match(a.peer.path, { phase: 'GATEWAY_FALLBACK', reason: 'silence' })
  const doubtAt = repliedAt + silenceIntervals * a.around.settings.probe.fastMs + 1
  t.ok(looks.includes(doubtAt), 'the doubt')
  // The burst is given its time.
  const deadAt = Math.max(repliedAt + silenceMs, doubtAt + (silenceMs * 3) / 8)
  t.equal(a.peer.path.since, deadAt + 1, 'the deadline')
  t.same(
    a.hands.actions.slice(-3).map(({ kind }) => kind),
    ['withdraw', 'tell', 'record'],
  )
  t.same(a.hands.asked, [], 'the gateway path answers: nobody asks the kernel there')
  t.end()
})

t.test('when both paths are silent the kernel of the peer is asked, once a second', (t) => {
  const pair = started()
  const { a } = pair
  const lostAt = talk(pair, NOW, 30_000)
  const end = talk(pair, lostAt, 20_000, () => false)
  t.equal(a.peer.path.phase, 'P2P_ACTIVE', 'there is nothing better')
  const { length } = a.hands.asked
  t.ok(length >= 10 && length <= 20, String(length))
  a.peer.refused.gateway = true
  talk(pair, end, 1000, () => false)
  t.equal(a.peer.path.reason, 'peer-agent-gone')
  t.end()
})

t.test('what is said of the own side fits into a message', (t) => {
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
