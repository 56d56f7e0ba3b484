import { mock } from 'node:test'
import t, { type Test } from 'tap'

import { MACHINE_CLOCK } from '../../../../src/agent/probing/clock.ts'
import { makeNotices, type Notices } from '../../../../src/agent/peers/notices.ts'
import type { AgentPeer } from '../../../../src/agent/peers/peer.ts'
import { open } from '../../../../src/paths/probe/packet.ts'
import type { Message } from '../../../../src/paths/probe/message.ts'
import { A, B, aroundOf, peerOf, type SentDatagram } from '../../../fixtures/agent/peer.ts'

const LANES = ['tunnel', 'p2p', 'gateway']

interface Teller {
  readonly notices: Notices
  readonly peer: AgentPeer
  /** Returns what was sent since the last call. */
  readonly taken: () => readonly Message[]
  /** Returns what is sent until nothing more comes. */
  readonly rest: () => readonly Message[]
  /** Packets on the nebula link so far. */
  readonly onLink: () => number
}

/** Returns notices on a clock that the test advances. */
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
    MACHINE_CLOCK,
  )
  const taken = (): readonly Message[] =>
    sentOut.splice(0).flatMap(({ datagram, from, to }) => {
      const message = open(datagram, peer.contact.key)
      if (typeof message === 'string') return []
      t.same(peer.contact.ends.get(message.lane), { from, to }, 'on its own lane')
      return [message]
    })
  const rest = (): readonly Message[] => {
    mock.timers.tick(10_000)
    return taken()
  }
  return { notices, peer, taken, rest, onLink: () => onLink }
}

t.test('a notice is sent on every lane immediately, and repeated until it is acknowledged', (t) => {
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
  t.same(rest(), [], 'nothing after that')
  t.end()
})

t.test('an unacknowledged notice stays the same and ends', (t) => {
  const { notices, peer, rest, onLink } = teller(t)
  notices.tell(peer)
  const all = rest()
  t.equal(all.length, 15)
  t.equal(onLink(), 10)
  t.equal(new Set(all.map(({ sequence, nonce }) => `${String(sequence)} ${nonce}`)).size, 1)
  t.same(rest(), [])
  t.end()
})

t.test('an answer to another notice or to an earlier run does not end it', (t) => {
  const { notices, peer, taken, rest } = teller(t)
  notices.tell(peer)
  const [{ nonce } = { nonce: '' }] = taken()
  notices.heard(peer, { sequence: 7, nonce })
  notices.heard(peer, { sequence: 1, nonce: '0123456789abcdef' })
  t.equal(rest().length, 12)
  t.end()
})

t.test('only the latest notice is repeated', (t) => {
  const { notices, peer, taken, rest } = teller(t)
  notices.tell(peer)
  taken()
  peer.path = { ...peer.path, phase: 'P2P_ACTIVE', epoch: 5, reason: 'recovered' }
  notices.tell(peer)
  const all = rest()
  t.ok(all.length > 0 && all.every(({ sequence, word }) => sequence === 2 && word.epoch === 5))
  t.end()
})

t.test('each peer has its own notices, and stopping ends all', (t) => {
  const { notices, peer, taken, rest } = teller(t)
  const other = peerOf(A, { number: 3 }, 0)
  notices.tell(peer)
  const [{ nonce } = { nonce: '' }] = taken()
  notices.tell(other)
  notices.heard(other, { sequence: 1, nonce })
  mock.timers.tick(50)
  t.equal(taken().length, 3, 'to the first peer; the second has another key')
  notices.stop()
  t.same(rest(), [])
  t.end()
})
