import fc from 'fast-check'
import t from 'tap'

import { probeKey } from '../../../../src/paths/probe/key.ts'
import { answerTo, encode, open } from '../../../../src/paths/probe/packet.ts'
import type { Message } from '../../../../src/paths/probe/message.ts'
import { type AgentEnd, deliver, happen, look, makePair, talk } from '../../../fixtures/agent/pair.ts'
import type { SentDatagram } from '../../../fixtures/agent/peer.ts'

const NOW = 1_000_000
const STRANGER = probeKey(Buffer.alloc(32, 9), '1'.repeat(64), '2'.repeat(64))

type Pair = ReturnType<typeof makePair>

/**
 * Returns two agents that have answered each other, so that each knows the present run of the other's agent.
 */
function acquainted(): Pair {
  const pair = makePair(NOW)
  talk(pair, NOW, 3000)
  for (const end of [pair.a, pair.b]) end.hands.actions.splice(0)
  return pair
}
const LATER = NOW + 10_000

function openBy({ peer }: AgentEnd, { datagram }: SentDatagram): Message {
  const message = open(datagram, peer.contact.key)
  if (typeof message === 'string') throw new Error(message)
  return message
}

/** Returns a correct message from A to B; `changes` go on top. */
function said(
  { a }: Pair,
  changes: Partial<Message> = {},
  key = a.peer.contact.key,
  bytes = 96,
): SentDatagram {
  const lane = changes.lane ?? 'p2p'
  const message: Message = {
    kind: 'probe',
    lane,
    from: a.around.wireName,
    to: a.peer.contact.wireName,
    session: a.peer.session,
    sequence: 1000,
    nonce: 'd1d2d3d4d5d6d7d8',
    word: { phase: 'GATEWAY_FALLBACK', epoch: 9, ready: false, holdMs: 60_000, reason: 'loss' },
    ...changes,
  }
  return { datagram: encode(message, key, bytes), ...(a.peer.contact.ends.get(lane) ?? { from: '', to: '' }) }
}

t.test('a probe is answered on its own lane and in its own size', (t) => {
  const pair = makePair(NOW)
  const sent = look(pair.a, LATER)
  t.equal(sent.length, 5)
  for (const probe of sent) {
    const { fate, answers } = deliver(probe, pair.b, LATER)
    t.match(fate, { kind: 'taken', changed: false, message: { kind: 'probe' } })
    const [answer] = answers
    if (answer === undefined) throw new Error('no answer')
    t.same([answer.from, answer.to, answer.datagram.length], [probe.to, probe.from, probe.datagram.length])
    const [question, echo] = [openBy(pair.a, probe), openBy(pair.a, answer)]
    t.match(echo, { kind: 'echo', lane: question.lane, sequence: question.sequence, nonce: question.nonce })
    t.equal(echo.session, pair.b.peer.session)
  }
  t.end()
})

t.test('an answer is counted once, with its round trip', (t) => {
  const { a, b } = makePair(NOW)
  const [probe] = look(a, LATER)
  const [answer] = probe === undefined ? [] : deliver(probe, b, LATER + 3).answers
  if (answer === undefined) throw new Error('no answer')
  const { lane } = openBy(a, answer) as { lane: 'tunnel' }
  t.match(deliver(answer, a, LATER + 7).fate, { kind: 'taken', rttMs: 7 })
  t.match(deliver(answer, a, LATER + 8).fate, { kind: 'refused', why: 'duplicate' })
  t.equal(a.peer.counts[lane].received, 1)
  t.match(a.peer.word, { phase: 'GATEWAY_ONLY', epoch: 0 }, "it contains the peer's state")
  t.end()
})

t.test("an answer shows that the peer's agent is running", (t) => {
  const pair = acquainted()
  Object.assign(pair.a.peer.refused, { p2p: true, gateway: true })
  talk(pair, LATER, 100)
  t.same(pair.a.peer.refused, { p2p: false, gateway: false })
  t.end()
})

t.test('messages from unknown peers, for others, on wrong lanes or with wrong keys are refused', (t) => {
  const cases: readonly (readonly [
    why: string,
    sent: (pair: Pair) => SentDatagram,
    on?: { readonly from?: string; readonly lane?: 'gateway' | 'p2p' },
  ])[] = [
    ['garbage', (pair) => ({ ...said(pair), datagram: Buffer.from('hello') })],
    ['oversized', (pair) => ({ ...said(pair), datagram: Buffer.alloc(1501) })],
    ['not-for-us', (pair) => said(pair, { to: '9999999999999999' })],
    ['not-for-us', (pair) => said(pair, { from: pair.b.around.wireName, to: pair.a.around.wireName })],
    ['unknown-peer', (pair) => said(pair, { from: '9999999999999999' })],
    ['forged', (pair) => said(pair, {}, STRANGER)],
    ['wrong-path', (pair) => said(pair, { lane: 'gateway' }), { lane: 'p2p' }],
    ['wrong-path', said, { from: '10.87.2.99' }],
    ['unknown', (pair) => said(pair, { kind: 'echo' })],
  ]
  for (const [why, sent, on = {}] of cases) {
    const pair = acquainted()
    const before = JSON.stringify([pair.b.peer.word, pair.b.peer.path, pair.b.peer.counts])
    const { fate, answers } = deliver(sent(pair), pair.b, LATER, on)
    t.match(fate, { kind: 'refused', why })
    t.same(answers, [], `${why}: no answer is sent`)
    t.same(pair.b.hands.actions, [])
    t.equal(JSON.stringify([pair.b.peer.word, pair.b.peer.path, pair.b.peer.counts]), before)
  }
  t.end()
})

t.test('a message with any changed byte is refused', (t) => {
  const pair = acquainted()
  const { datagram, ...ends } = said(pair, { kind: 'notice' })
  fc.assert(
    fc.property(fc.nat({ max: datagram.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = Buffer.from(datagram)
      changed[at] = (changed[at] ?? 0) ^ flip
      const { fate, answers } = deliver({ datagram: changed, ...ends }, pair.b, LATER)
      return fate.kind === 'refused' && answers.length === 0
    }),
  )
  t.equal(deliver({ datagram, ...ends }, pair.b, LATER).fate.kind, 'taken', 'the unchanged one is accepted')
  t.end()
})

t.test('a replayed probe does not count as an answer', (t) => {
  const pair = acquainted()
  const probe = said(pair)
  deliver(probe, pair.b, LATER)
  t.equal(pair.b.peer.lanes.p2p.heardAt, LATER)
  const again = deliver(probe, pair.b, LATER + 5000)
  t.equal(pair.b.peer.lanes.p2p.heardAt, LATER)
  t.match(again.fate, { kind: 'refused', why: 'replayed' })
  t.equal(again.answers.length, 1, 'it is answered anyway: it may just have been late')
  deliver(said(pair, { session: 'c1c1c1c1c1c1c1c1' }), pair.b, LATER + 5000)
  t.equal(pair.b.peer.lanes.p2p.heardAt, LATER, 'nor does one of a run that has not answered us')
  t.end()
})

t.test('a notice is applied once and answered every time', (t) => {
  const { a, b } = acquainted()
  b.peer.path = { ...b.peer.path, phase: 'P2P_ACTIVE', canLeave: true, peerEpoch: 8 }
  const notice = said({ a, b }, { kind: 'notice' })
  const first = deliver(notice, b, LATER)
  t.match(first.fate, { kind: 'taken', changed: true })
  t.match(b.peer.path, { phase: 'GATEWAY_FALLBACK', reason: 'peer-said' })
  t.match(b.hands.actions, [{ kind: 'withdraw' }, { kind: 'tell' }, { kind: 'record' }])
  t.match(b.peer.word, { epoch: 9, reason: 'loss' })
  const again = deliver(notice, b, LATER + 40)
  t.match(again.fate, { kind: 'taken', changed: false })
  t.equal(b.hands.actions.length, 3)
  for (const { answers } of [first, again])
    t.match(
      answers.map((answer) => openBy(a, answer)),
      [{ kind: 'heard', sequence: 1000, nonce: 'd1d2d3d4d5d6d7d8' }],
    )
  t.end()
})

t.test('an old notice changes nothing', (t) => {
  const pair = acquainted()
  const word = { phase: 'P2P_ACTIVE', epoch: 4, ready: true, holdMs: 0, reason: 'recovered' } as const
  deliver(said(pair, { kind: 'notice', sequence: 1001 }), pair.b, LATER)
  deliver(said(pair, { kind: 'notice', sequence: 1000, word }), pair.b, LATER + 1)
  t.match(pair.b.peer.word, { epoch: 9, phase: 'GATEWAY_FALLBACK' })
  t.end()
})

t.test("a peer's attempt makes a resting agent probe immediately", (t) => {
  const pair = acquainted()
  const { b } = pair
  b.peer.path = { ...b.peer.path, phase: 'GATEWAY_FALLBACK' }
  const word = { phase: 'P2P_ATTEMPTING', epoch: 10, ready: false, holdMs: 0, reason: 'attempt' } as const
  const notice = said(pair, { kind: 'notice', word })
  t.match(deliver(notice, b, LATER).fate, { kind: 'taken', changed: true })
  t.match(b.peer.clock, { burstLeft: b.around.settings.probe.burst, burstAt: LATER })
  const again = said(pair, { kind: 'notice', word: { ...word, epoch: 11 }, sequence: 1001 })
  b.peer.path = { ...b.peer.path, phase: 'P2P_ATTEMPTING' }
  t.match(
    deliver(again, b, LATER + 300).fate,
    { kind: 'taken', changed: false },
    'an agent that is trying too probes quickly',
  )
  t.end()
})

t.test('a notice of another run is not applied: quick probes ask for the present state', (t) => {
  const pair = acquainted()
  const { b } = pair
  const notice = said(pair, { kind: 'notice', session: 'c1c1c1c1c1c1c1c1' })
  const { fate, answers } = deliver(notice, b, LATER)
  t.match(fate, { kind: 'refused', why: 'foreign-session' })
  t.same(answers, [])
  t.not(b.peer.word?.epoch, 9)
  t.match(b.peer.clock, { burstLeft: b.around.settings.probe.burst, burstAt: LATER })
  t.end()
})

/** Returns B's answer to a probe that A sends now, with other state or another run. */
function answered({ a, b }: Pair, epoch: number, session = b.peer.session): SentDatagram {
  const probe = look(a, (clock += 5000)).find(({ to }) => to === '10.87.2.2')
  if (probe === undefined) throw new Error('no probe')
  const { to: from, from: to, datagram } = probe
  const word = { phase: 'GATEWAY_FALLBACK', epoch, ready: false, holdMs: 0, reason: 'loss' } as const
  const question = openBy(a, probe)
  return { datagram: answerTo(question, { session, word }, b.peer.contact.key, datagram.length), from, to }
}
let clock = LATER

t.test('of two answers in the wrong order the later state counts', (t) => {
  const pair = acquainted()
  const [earlier, later] = [answered(pair, 20), answered(pair, 21)]
  t.equal(deliver(later, pair.a, clock + 1).fate.kind, 'taken')
  t.equal(deliver(earlier, pair.a, clock + 2).fate.kind, 'taken', 'its round trip counts anyway')
  t.equal(pair.a.peer.word?.epoch, 21)
  t.end()
})

t.test("a restarted agent's numbers begin again, and its earlier run is over", (t) => {
  const pair = acquainted()
  deliver(answered(pair, 20), pair.a, clock + 1)
  const late = answered(pair, 22)
  deliver(answered(pair, 1, 'e1e1e1e1e1e1e1e1'), pair.a, clock + 1)
  t.equal(pair.a.peer.word?.epoch, 1)
  deliver(late, pair.a, clock + 2)
  t.equal(pair.a.peer.word?.epoch, 1, 'its late answer does not bring it back')
  t.end()
})

t.test('an answer on the user lane is for the drill only', (t) => {
  const pair = acquainted()
  const before = JSON.stringify(pair.b.peer.counts)
  const { fate } = deliver(said(pair, { kind: 'echo', lane: 'user' }), pair.b, LATER)
  t.match(fate, { kind: 'taken', changed: false, rttMs: undefined })
  t.equal(JSON.stringify(pair.b.peer.counts), before)
  t.end()
})

t.test('state that changes the path is applied immediately', (t) => {
  const pair = makePair(NOW)
  const { a, b } = pair
  for (const end of [a, b]) happen(end, { kind: 'start', adopt: false }, NOW)
  clock = talk(pair, NOW, 30_000)
  t.equal(a.peer.path.phase, 'P2P_ACTIVE')
  t.match(deliver(answered(pair, 90), a, clock + 1).fate, { kind: 'taken', changed: true })
  t.match(a.peer.path, { phase: 'GATEWAY_FALLBACK', reason: 'peer-said' })
  t.end()
})
