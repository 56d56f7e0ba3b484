import t from 'tap'

import type { Incoming } from '../../../../src/agent/probing/sockets.ts'
import { type Arrival, readDatagram, type Refusal } from '../../../../src/agent/probing/inbox.ts'
import { type AgentEnd, arrival, look, makePair } from '../../../fixtures/agent/pair.ts'

const NOW = 1_000_000

function read(end: AgentEnd, incoming: Incoming): Arrival | Refusal | undefined {
  const { peer, around } = end
  return readDatagram(incoming, {
    wireName: around.wireName,
    byWireName: new Map([[peer.contact.wireName, peer]]),
  })
}

t.test('a datagram becomes an event of its peer without changing the peer', (t) => {
  const { a, b } = makePair(NOW)
  const state = (): string => JSON.stringify([b.peer.path, b.peer.lanes, b.peer.order, b.peer.word ?? null])
  const before = state()
  for (const sent of look(a, NOW + 10_000)) {
    const incoming = arrival(sent, b)
    const event = read(b, incoming)
    t.match(event, { kind: 'message', message: { kind: 'probe', lane: incoming.lane } })
    t.ok(event?.peer === b.peer)
    t.match(read(b, incoming), { kind: 'message' }, 'the same each time: the engine handles replays')
  }
  t.equal(state(), before)
  t.end()
})

t.test('a forged datagram names the peer that it claims to be from', (t) => {
  const { a, b } = makePair(NOW)
  const [probe] = look(a, NOW + 10_000)
  if (probe === undefined) throw new Error('no probe')
  const datagram = Buffer.from(probe.datagram)
  datagram[60] = (datagram[60] ?? 0) ^ 1
  t.match(read(b, arrival({ ...probe, datagram }, b)), { kind: 'refused', why: 'forged', peer: b.peer })
  const garbage = read(b, arrival({ ...probe, datagram: Buffer.from('garbage') }, b))
  t.match(garbage, { kind: 'refused', why: 'garbage' })
  t.equal(garbage?.peer, undefined)
  t.end()
})

t.test('a question from a kernel is not an event', (t) => {
  const { b } = makePair(NOW)
  const question = { datagram: Buffer.alloc(0), lane: 'p2p', to: '10.87.2.2', from: '10.87.1.2' } as const
  for (const port of [0, 1]) t.equal(read(b, { ...question, port }), undefined)
  t.end()
})

t.test('datagrams from port 0 are refused', (t) => {
  const { a, b } = makePair(NOW)
  const [probe] = look(a, NOW + 10_000)
  if (probe === undefined) throw new Error('no probe')
  t.match(read(b, { ...arrival(probe, b), port: 0 }), { kind: 'refused', why: 'no-port' })
  t.end()
})
