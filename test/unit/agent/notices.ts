import { mock } from 'node:test'
import t, { type Test } from 'tap'

import { makeNotices, type Notices } from '../../../src/agent/notices.ts'
import type { AgentPeer } from '../../../src/agent/peer.ts'
import { open } from '../../../src/probe/packet.ts'
import type { Message } from '../../../src/probe/message.ts'
import { A, B, aroundOf, peerOf, type SentDatagram } from '../../fixtures/agent-peer.ts'

const LANES = ['tunnel', 'p2p', 'gateway']

interface Teller {
  readonly notices: Notices
  readonly peer: AgentPeer
  /** What was sent since the last call. */
  readonly taken: () => readonly Message[]
  /** What is sent until nothing more comes. */
  readonly rest: () => readonly Message[]
  /** Packets on the nebula link so far. */
  readonly onLink: () => number
}

/** Notices on a clock that the test moves on. */
function teller(t: Test): Teller {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const sentOut: SentDatagram[] = []
  const peer = peerOf(A, B, 0)
  let onLink = 0
  const notices = makeNotices(
    () => aroundOf(A),
    (datagram, from, to) => sentOut.push({ datagram, from, to }),
    (packets) => (onLink += packets),
  )
  const taken = (): readonly Message[] =>
    sentOut.splice(0).flatMap(({ datagram, from, to }) => {
      const message = open(datagram, peer.contact.key)
      if (typeof message === 'string') return []
      t.same(peer.contact.ends.get(message.lane), { from, to }, 'by its own lane')
      return [message]
    })
  const rest = (): readonly Message[] => {
    mock.timers.tick(10_000)
    return taken()
  }
  return { notices, peer, taken, rest, onLink: () => onLink }
}

t.test('a notice goes out at once over every lane, and again until it is heard', (t) => {
  const { notices, peer, taken, rest } = teller(t)
  notices.tell(peer)
  const first = taken()
  t.same(
    first.map(({ lane }) => lane),
    LANES,
  )
  t.match(first[0], { kind: 'notice', sequence: 1, word: { phase: 'GATEWAY_ONLY', reason: 'agent-start' } })
  mock.timers.tick(100)
  t.same(
    taken().map(({ lane }) => lane),
    LANES,
  )
  notices.heard(peer, { sequence: 1, nonce: first[0]?.nonce ?? '' })
  t.same(rest(), [], 'and then no more')
  t.end()
})

t.test('one that nobody hears is the same each time, and ends', (t) => {
  const { notices, peer, rest, onLink } = teller(t)
  notices.tell(peer)
  const all = rest()
  t.equal(all.length, 15)
  t.equal(onLink(), 10)
  t.equal(new Set(all.map(({ sequence, nonce }) => `${String(sequence)} ${nonce}`)).size, 1)
  t.same(rest(), [])
  t.end()
})

t.test('an answer to another notice, or one recorded in an earlier run, ends nothing', (t) => {
  const { notices, peer, taken, rest } = teller(t)
  notices.tell(peer)
  const [{ nonce } = { nonce: '' }] = taken()
  notices.heard(peer, { sequence: 7, nonce })
  notices.heard(peer, { sequence: 1, nonce: '0123456789abcdef' })
  t.equal(rest().length, 12)
  t.end()
})

t.test('the latest word is what is repeated', (t) => {
  const { notices, peer, taken, rest } = teller(t)
  notices.tell(peer)
  taken()
  peer.path = { ...peer.path, phase: 'P2P_ACTIVE', epoch: 5, reason: 'recovered' }
  notices.tell(peer)
  const all = rest()
  t.ok(all.length > 0 && all.every(({ sequence, word }) => sequence === 2 && word.epoch === 5))
  t.end()
})

t.test('each peer is told for itself, and stopping ends all', (t) => {
  const { notices, peer, taken, rest } = teller(t)
  const other = peerOf(A, { number: 3 }, 0)
  notices.tell(peer)
  const [{ nonce } = { nonce: '' }] = taken()
  notices.tell(other)
  notices.heard(other, { sequence: 1, nonce })
  mock.timers.tick(50)
  t.equal(taken().length, 3, 'to the first; the key of the second is another')
  notices.stop()
  t.same(rest(), [])
  t.end()
})
