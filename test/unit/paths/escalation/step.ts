import t from 'tap'

import type { EscalationEvent, PeerPath, Phase, Reason } from '../../../../src/paths/escalation/state.ts'
import { restingPath } from '../../../../src/paths/escalation/step.ts'
import { type ReadingChanges } from '../../../fixtures/agent/readings.ts'
import { NOW, ACTIVE, RESTING, next, read, kinds } from './fixtures/path.ts'

t.test('an agent starts on the gateway path, or on the direct path that it finds', async (t) => {
  const resting = next(restingPath(NOW), { kind: 'start', adopt: false })
  t.equal(resting.path.phase, 'GATEWAY_ONLY')
  t.same(kinds(resting), ['tell', 'record'])
  const adopted = next(restingPath(NOW), { kind: 'start', adopt: true })
  t.match(adopted.path, { phase: 'P2P_ACTIVE', reason: 'adopted', epoch: 1 })
  // Nothing has answered yet, but the adopted path is kept for a moment.
  const silent = { repliedAt: -Infinity, heardAt: -Infinity, missedInRow: 4 }
  const doubted = read(adopted.path, { p2p: silent }, NOW + 1200)
  t.equal(read(doubted.path, { p2p: silent }, NOW + 2300).path.phase, 'P2P_ACTIVE')
  t.equal(read(doubted.path, { p2p: silent }, NOW + 2500).path.phase, 'GATEWAY_FALLBACK')
})

t.test('an ending agent starts no attempt, however good the path is', async (t) => {
  for (const path of [ACTIVE, RESTING]) {
    const ended = next(path, { kind: 'stop' })
    t.match(ended.path, { phase: 'GATEWAY_ONLY', reason: 'agent-stop' })
    t.same(kinds(ended), ['withdraw', 'tell', 'record'])
    const later = read(ended.path, {}, NOW + 100)
    t.same(
      later,
      { path: ended.path, actions: [] },
      'the peer must not hear of an attempt instead of the end',
    )
  }
})

t.test('an attempt starts when neither side is held back and the path answers', async (t) => {
  const rest: ReadingChanges = { peer: { phase: 'GATEWAY_ONLY', ready: false } }
  t.match(read(RESTING, rest).path, { phase: 'P2P_ATTEMPTING', reason: 'attempt' })
  const quickAgain = { ...rest, p2p: { rttMs: 2400, lastRttMs: 2 } }
  t.equal(read(RESTING, quickAgain).path.phase, 'P2P_ATTEMPTING', 'slow until the last answer')
  const cases: readonly (readonly [string, PeerPath, ReadingChanges])[] = [
    ['held back', { ...RESTING, holdUntil: NOW + 1 }, rest],
    ['peer held back', RESTING, { peer: { ...rest.peer, holdMs: 10 } }],
    ['no message from the peer', RESTING, { peer: null }],
    ['no answer', RESTING, { ...rest, p2p: { repliedAt: NOW - 3000 } }],
    ['link down', RESTING, { ...rest, linkUp: false }],
    ['slow', RESTING, { ...rest, p2p: { rttMs: 400, lastRttMs: 700 } }],
    ['large probes lost', { ...RESTING, reason: 'mtu' }, { ...rest, p2p: { bigMissedInRow: 3 } }],
  ]
  for (const [name, path, changes] of cases) t.equal(read(path, changes).path.phase, 'GATEWAY_ONLY', name)
})

t.test('the direct path is taken when both lanes are good and the peer agrees', async (t) => {
  const trying: PeerPath = { ...RESTING, phase: 'P2P_ATTEMPTING', since: NOW - 3000 }
  const taken = read(trying)
  t.match(taken.path, { phase: 'P2P_ACTIVE', reason: 'recovered', peerEpoch: 3 })
  t.same(kinds(taken), ['install', 'record', 'tell'])
  const cases: readonly (readonly [string, boolean, ReadingChanges])[] = [
    ['the peer does not agree', true, { peer: { phase: 'P2P_ATTEMPTING', ready: false } }],
    ['9 good probes', false, { p2p: { goodInRow: 9 } }],
    ['the tunnel does not answer', false, { tunnel: { goodInRow: 0 } }],
    ['one large probe', false, { p2p: { bigGoodInRow: 1 } }],
    ['slow', false, { p2p: { rttMs: 1200 } }],
    ['slow for a moment', false, { p2p: { rttMs: 130, lastRttMs: 1002 } }],
    ['some loss', false, { p2p: { lossShort: 0.15 } }],
  ]
  for (const [name, ready, changes] of cases)
    t.match(read(trying, changes).path, { phase: 'P2P_ATTEMPTING', ready }, name)
})

t.test('an attempt ends in time and reports what was missing', async (t) => {
  const trying: PeerPath = { ...RESTING, phase: 'P2P_ATTEMPTING', since: NOW - 10_000 }
  const poor = (phase: Phase): ReadingChanges => ({ p2p: { goodInRow: 4 }, peer: { phase, ready: false } })
  const ended = read(trying, poor('P2P_ATTEMPTING'))
  t.match(ended.path, { phase: 'GATEWAY_ONLY', reason: 'attempt-timeout', detail: /4 of 10/, backoffMs: 0 })
  t.equal(read({ ...trying, wasActive: true }, poor('GATEWAY_ONLY')).path.phase, 'GATEWAY_FALLBACK')
  // A peer that has already switched is worth waiting for, but not forever.
  t.equal(read(trying, poor('P2P_ACTIVE')).path.phase, 'P2P_ATTEMPTING')
  t.equal(read({ ...trying, since: NOW - 15_000 }, poor('P2P_ACTIVE')).path.phase, 'GATEWAY_ONLY')
})

t.test('without a gateway path there is no wait at the beginning', async (t) => {
  const { path } = next(restingPath(NOW), { kind: 'start', adopt: false })
  const rest: ReadingChanges = { peer: { phase: 'GATEWAY_ONLY', ready: false } }
  t.equal(read(path, rest, NOW + 20).path.phase, 'GATEWAY_ONLY')
  t.equal(read(path, { ...rest, hasGateway: false }, NOW + 20).path.phase, 'P2P_ATTEMPTING')
})

t.test("the agent's end removes the route", async (t) => {
  const ended = next(ACTIVE, { kind: 'stop' })
  t.match(ended.path, { phase: 'GATEWAY_ONLY', reason: 'agent-stop' })
  t.same(kinds(ended), ['withdraw', 'tell', 'record'])
})

t.test('a notice, a new link and a new certificate end the direct path immediately', async (t) => {
  const word = {
    phase: 'GATEWAY_FALLBACK',
    epoch: 4,
    ready: false,
    holdMs: 9000,
    reason: 'silence',
  } as const
  const cases: readonly (readonly [Reason, EscalationEvent])[] = [
    ['peer-said', { kind: 'notice', word }],
    ['link-gone', { kind: 'link-gone', restarted: false }],
    ['nebula-restarted', { kind: 'link-gone', restarted: true }],
    ['certificate', { kind: 'certificate' }],
  ]
  for (const [reason, event] of cases) {
    t.match(next(ACTIVE, event).path, { phase: 'GATEWAY_FALLBACK', reason })
    t.equal(next(RESTING, event).path.phase, 'GATEWAY_ONLY')
  }
  t.equal(
    next(ACTIVE, { kind: 'notice', word }).path.holdUntil,
    NOW + 9000,
    'both hosts wait until the same time',
  )
  const knownDead = { ...ACTIVE, canLeave: false }
  t.equal(next(knownDead, { kind: 'notice', word }).path.phase, 'P2P_ACTIVE', 'never onto a dead path')
})

t.test('a pinned route that Nebula has lost is replaced once', async (t) => {
  const lost: ReadingChanges = { p2p: { repliedAt: NOW - 9000, missedInRow: 5 } }
  const repaired = read(RESTING, lost)
  t.same(kinds(repaired), ['repair'])
  t.same(kinds(read(repaired.path, lost, NOW + 300)), [])
})
