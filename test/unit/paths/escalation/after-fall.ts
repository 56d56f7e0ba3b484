// The time after the direct path was left: hold-offs, and corrections of the reason.

import t from 'tap'

import type { EscalationEvent, PeerPath, Reason } from '../../../../src/paths/escalation/state.ts'
import { healthy, type ReadingChanges } from '../../../fixtures/agent/readings.ts'
import { NOW, ACTIVE, RESTING, next, read, kinds } from './fixtures/path.ts'

t.test('a hold-off is ignored while the gateway path is dead', async (t) => {
  const held: PeerPath = { ...RESTING, phase: 'GATEWAY_FALLBACK', holdUntil: NOW + 60_000, wasActive: true }
  const rest: ReadingChanges = { peer: { phase: 'GATEWAY_FALLBACK', ready: false } }
  t.equal(read(held, rest).path.phase, 'GATEWAY_FALLBACK')
  const dead = { ...rest, gateway: { repliedAt: NOW - 20_000, missedInRow: 8 } }
  t.equal(read(held, dead).path.phase, 'P2P_ATTEMPTING')
  t.equal(read({ ...held, timeouts: 1 }, dead).path.phase, 'GATEWAY_FALLBACK', 'failing attempts stay rare')
})

t.test('the seconds after a fallback by silence may correct the reason once', async (t) => {
  const fallen: PeerPath = {
    ...ACTIVE,
    phase: 'GATEWAY_FALLBACK',
    reason: 'silence',
    since: NOW - 700,
    holdUntil: NOW + 9000,
  }
  const silent = { repliedAt: NOW - 1500, heardAt: NOW - 1500, missedInRow: 5, goodInRow: 0 }
  const earlier = { ...fallen, since: NOW - 8000 }
  const cases: readonly (readonly [Reason, PeerPath, ReadingChanges])[] = [
    ['latency', fallen, { p2p: { rttMs: 640 } }],
    [
      'loss',
      { ...fallen, since: NOW - 1500 },
      { p2p: { repliedAt: NOW - 700, missedInRow: 1, goodInRow: 0 } },
    ],
    ['one-way', fallen, { p2p: { ...silent, heardAt: NOW - 600 } }],
    ['one-way', fallen, { p2p: silent, peer: { reason: 'one-way' } }],
    ['container-path', earlier, { p2p: { ...silent, repliedAt: NOW - 9000, intervalMs: 2000 } }],
  ]
  for (const [reason, path, changes] of cases) {
    const corrected = read(path, changes)
    t.match(corrected.path, { phase: 'GATEWAY_FALLBACK', reason, holdUntil: NOW + 9000 })
    t.same(kinds(corrected), ['record'], reason)
    t.notOk(kinds(read(corrected.path, changes)).includes('record'), 'once')
  }
  t.notOk(kinds(read(fallen)).includes('record'), 'the reason is silence if the path is fast again')
  const lately = { ...fallen, since: NOW - 1500 }
  const returning = { p2p: { repliedAt: NOW - 100, missedInRow: 3 } }
  t.notOk(
    kinds(read(lately, returning)).includes('record'),
    'probes sent while it was dead do not count as loss',
  )
  const officeLoses = { p2p: { repliedAt: NOW - 700, missedInRow: 1 }, gateway: { missedInRow: 1 } }
  t.notOk(
    kinds(read(lately, officeLoses)).includes('record'),
    'both paths lose packets: not a fault of the direct path',
  )
})

t.test('what this host sees replaces what the peer told it, once', async (t) => {
  const since = NOW - 700
  const told: PeerPath = {
    ...ACTIVE,
    phase: 'GATEWAY_FALLBACK',
    reason: 'peer-said',
    since,
    holdUntil: NOW + 9000,
  }
  const silent: PeerPath = { ...told, reason: 'silence' }
  const lost: ReadingChanges = { p2p: { repliedAt: NOW - 1000, heardAt: NOW - 1000, missedInRow: 4 } }
  const gone: EscalationEvent = { kind: 'link-gone', restarted: false }
  const restarted: EscalationEvent = { kind: 'link-gone', restarted: true }
  const reading = (changes: ReadingChanges): EscalationEvent => ({
    kind: 'reading',
    reading: healthy(NOW, changes),
  })
  const word = (reason: Reason) => ({ phase: 'GATEWAY_FALLBACK', epoch: 4, reason }) as const
  const cases: readonly (readonly [Reason, PeerPath, EscalationEvent])[] = [
    ['link-gone', told, gone],
    ['link-gone', told, reading({ linkUp: false, peer: word('link-gone') })],
    ['nebula-restarted', told, restarted],
    ['certificate', told, { kind: 'certificate' }],
    ['agent-stalled', told, { kind: 'stall', lost: true }],
    ['silence', told, reading({ ...lost, peer: word('silence') })],
    // When Nebula ends, it closes its tunnels first; a new certificate makes the old key useless.
    ['link-gone', silent, gone],
    ['link-gone', silent, reading({ linkUp: false, peer: word('silence') })],
    ['certificate', silent, { kind: 'certificate' }],
  ]
  for (const [reason, path, event] of cases) {
    const corrected = next(path, event)
    const name = `${path.reason}, then ${reason}`
    t.match(corrected.path, { phase: 'GATEWAY_FALLBACK', reason, holdUntil: NOW + 9000 }, name)
    t.same(kinds(corrected), ['record'], name)
    t.notOk(kinds(next(corrected.path, event)).includes('record'), 'once')
  }
  const kept: readonly (readonly [string, PeerPath, EscalationEvent])[] = [
    ['a link that goes down long after', { ...told, since: NOW - 20_000 }, gone],
    ['a reason that this host saw', { ...told, reason: 'loss' }, gone],
    ['a stall after a silence', silent, { kind: 'stall', lost: true }],
    ['a stall without consequences', told, { kind: 'stall', lost: false }],
    [
      "the peer's probes still arrive",
      told,
      reading({ p2p: { ...lost.p2p, heardAt: NOW }, peer: word('link-gone') }),
    ],
    ['the peer knows more than silence', told, reading({ ...lost, peer: word('one-way') })],
    [
      'no probe has been lost yet',
      told,
      reading({ p2p: { ...lost.p2p, missedInRow: 1 }, peer: word('silence') }),
    ],
  ]
  for (const [name, path, event] of kept) t.notOk(kinds(next(path, event)).includes('record'), name)
})
