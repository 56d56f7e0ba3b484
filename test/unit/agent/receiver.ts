import t from 'tap'

import type { OwnPackets } from '../../../src/agent/engine.ts'
import { makeMeters, type Meters } from '../../../src/agent/meters.ts'
import { makeNotices } from '../../../src/agent/notices.ts'
import type { AgentPeer } from '../../../src/agent/peer.ts'
import { makeReceiver, type Receiver } from '../../../src/agent/receiver.ts'
import { answerTo, open } from '../../../src/probe/packet.ts'
import { type AgentEnd, arrival, deliver, look, makePair } from '../../fixtures/agent-pair.ts'
import type { SentDatagram } from '../../fixtures/agent-peer.ts'

interface Receiving {
  readonly receiver: Receiver
  readonly meters: Meters
  readonly logged: object[]
  readonly sentOut: (SentDatagram & { readonly port: number | undefined })[]
  readonly woken: (AgentPeer | undefined)[]
  readonly ownPackets: OwnPackets
  /** What /metrics says of a kind of refusal. */
  readonly refused: (why: string) => string | undefined
}

function receivingAt(end: AgentEnd): Receiving {
  const meters = makeMeters()
  const [logged, sentOut, woken]: [object[], Receiving['sentOut'], Receiving['woken']] = [[], [], []]
  const send = (datagram: Buffer, from: string, to: string, port?: number): void => {
    sentOut.push({ datagram, from, to, port })
  }
  const notices = makeNotices(
    () => end.around,
    send,
    () => undefined,
  )
  const ownPackets: OwnPackets = { sent: 0, received: 0 }
  const receiver = makeReceiver({
    peers: { byWireName: new Map([[end.peer.contact.wireName, end.peer]]) },
    meters,
    log: (level, msg, fields = {}) => logged.push({ level, msg, ...fields }),
    loop: { around: () => end.around, ownPackets, wake: (peer) => woken.push(peer) },
    notices,
    hands: end.hands,
    sockets: { send },
  })
  const refused = (why: string): string | undefined => {
    const garbage = { runs: 0, failures: 0, removed: new Map<string, number>() }
    const text = meters.text({ peers: [], refusedPeers: 0, ownExpiry: 0, leases: 0, garbage })
    return new RegExp(`flatnet_probe_refused_total\\{why="${why}"\\} (\\d+)`).exec(text)?.[1]
  }
  return { receiver, meters, logged, sentOut, woken, ownPackets, refused }
}

const soon = (): number => performance.now()

t.test('a probe is answered to where it came from', (t) => {
  const { a, b } = makePair(soon())
  const { receiver, sentOut, ownPackets, logged } = receivingAt(b)
  const sent = look(a, soon() + 5000)
  for (const probe of sent) receiver.take({ ...arrival(probe, b), port: 5555 })
  t.same(
    sentOut.map(({ from, to, port }) => [from, to, port]),
    sent.map(({ from, to }) => [to, from, 5555]),
  )
  t.same(ownPackets, { sent: 3, received: 3 }, 'both ways of the three that go over the nebula link')
  t.same(logged, [])
  t.end()
})

t.test('each kind of refusal from each sender is logged once and counted each time', (t) => {
  const { a, b } = makePair(soon())
  const { receiver, logged, refused, ownPackets } = receivingAt(b)
  const [probe] = look(a, soon() + 5000)
  if (probe === undefined) throw new Error('no probe')
  const forged = Buffer.from(probe.datagram)
  forged[60] = (forged[60] ?? 0) ^ 1
  const right = arrival(probe, b)
  for (let round = 0; round < 50; round++) {
    receiver.take({ ...right, datagram: forged })
    receiver.take({ ...right, datagram: Buffer.from('garbage') })
    receiver.take({ ...right, datagram: Buffer.from('garbage'), from: '10.86.9.9' })
  }
  t.same(logged, [
    { level: 'warn', msg: 'message refused', peer: 'host-1', address: right.from, why: 'forged' },
    { level: 'warn', msg: 'message refused', address: right.from, why: 'garbage' },
    { level: 'warn', msg: 'message refused', address: '10.86.9.9', why: 'garbage' },
  ])
  t.same(ownPackets, { sent: 0, received: 0 }, 'what proves nothing hides no traffic of others')
  t.equal(refused('forged'), '50')
  t.equal(refused('garbage'), '100')
  t.end()
})

t.test('senders that make up addresses do not fill the log', (t) => {
  const { b } = makePair(soon())
  const { receiver, logged, refused } = receivingAt(b)
  const datagram = Buffer.from('garbage')
  for (let index = 0; index < 5000; index++)
    receiver.take({ datagram, lane: 'tunnel', to: '10.86.2.1', from: `10.${String(index)}`, port: 1 })
  t.equal(logged.length, 256)
  t.equal(refused('garbage'), '5000')
  t.end()
})

t.test('a question of a kernel is no message', (t) => {
  const { b } = makePair(soon())
  const { receiver, logged, refused } = receivingAt(b)
  receiver.take({ datagram: Buffer.alloc(0), lane: 'p2p', to: '10.87.2.2', from: '10.87.1.2', port: 1 })
  t.same(logged, [])
  t.equal(refused('garbage'), undefined)
  t.end()
})

t.test('nothing is sent to a port that there is not', (t) => {
  const { a, b } = makePair(soon())
  const { receiver, sentOut, refused } = receivingAt(b)
  const [probe] = look(a, soon() + 5000)
  if (probe === undefined) throw new Error('no probe')
  receiver.take({ ...arrival(probe, b), port: 0 })
  t.same(sentOut, [])
  t.equal(refused('no-port'), '1')
  t.end()
})

t.test('a drill hears of the answers on the lane of the users, until it listens no more', (t) => {
  const { a, b } = makePair(soon())
  const { receiver } = receivingAt(a)
  const [probe] = look(a, soon() + 5000)
  const question = probe && open(probe.datagram, b.peer.contact.key)
  if (probe === undefined || question === undefined || typeof question === 'string')
    throw new Error('no probe')
  const said = { session: b.peer.session, word: question.word }
  const echo = answerTo({ ...question, lane: 'user' }, said, b.peer.contact.key, 96)
  const come = { datagram: echo, lane: 'user', to: '10.87.1.1', from: '10.87.2.1', port: 4280 } as const
  const heard: string[] = []
  receiver.listenToUserLane((peer, { nonce }) => heard.push(`${peer.contact.id} ${nonce}`))
  receiver.take(come)
  receiver.listenToUserLane(undefined)
  receiver.take(come)
  t.same(heard, [`10.86.2.1 ${question.nonce}`])
  t.end()
})

t.test('a peer whose path has changed is looked at at once', (t) => {
  const { a, b } = makePair(soon())
  const { receiver, woken, meters } = receivingAt(a)
  const now = soon()
  a.peer.path = { ...a.peer.path, phase: 'P2P_ACTIVE', canLeave: true, peerEpoch: 8 }
  const probe = look(a, now)
    .concat(look(a, now + 700))
    .find(({ to }) => to === '10.87.2.2')
  if (probe === undefined) throw new Error('no probe')
  b.peer.path = { ...b.peer.path, phase: 'GATEWAY_FALLBACK', epoch: 9, reason: 'loss' }
  for (const answer of deliver(probe, b, now).answers) receiver.take(arrival(answer, a))
  t.equal(a.peer.path.phase, 'GATEWAY_FALLBACK')
  t.same(woken, [a.peer])
  const garbage = { runs: 0, failures: 0, removed: new Map<string, number>() }
  const text = meters.text({ peers: [a.peer], refusedPeers: 0, ownExpiry: 0, leases: 0, garbage })
  t.match(text, /flatnet_probe_rtt_seconds_count\{peer="host-2",lane="p2p"\} 1/)
  t.end()
})
