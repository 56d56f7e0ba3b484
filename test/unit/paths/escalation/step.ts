import t from 'tap'

import { ESCALATION_DEFAULTS } from '../../../../src/paths/escalation/options.ts'
import type { EscalationEvent, PeerPath, Phase, Reason } from '../../../../src/paths/escalation/state.ts'
import { restingPath, step } from '../../../../src/paths/escalation/step.ts'
import type { Step } from '../../../../src/paths/escalation/transition.ts'
import { healthy, type ReadingChanges } from '../../../fixtures/agent/readings.ts'

const NOW = 1_000_000
// A path that has been direct for long.
const ACTIVE: PeerPath = {
  ...restingPath(NOW - 100_000),
  phase: 'P2P_ACTIVE',
  reason: 'recovered',
  epoch: 4,
  ready: true,
  canLeave: true,
  peerEpoch: 3,
  wasActive: true,
}
const RESTING: PeerPath = { ...restingPath(NOW - 100_000), epoch: 1 }

const next = (path: PeerPath, event: EscalationEvent, now = NOW): Step =>
  step(path, event, { now, options: ESCALATION_DEFAULTS, random: () => 0.5 })
const read = (path: PeerPath, changes: ReadingChanges = {}, now = NOW): Step =>
  next(path, { kind: 'reading', reading: healthy(now, changes) }, now)
const kinds = ({ actions }: Step): readonly string[] => actions.map(({ kind }) => kind)
// The silence became a doubt 400 ms ago; the gateway has answered the burst.
const DOUBTFUL = { ...ACTIVE, doubtAt: NOW - 400 }

// Readings of a path that loses most packets without being silent.
const RECENT = { probes: 8, missed: 5, gaps: 2, since: NOW - 1500 }
const silentFor = (ms: number) => ({ repliedAt: NOW - ms, heardAt: NOW - ms })

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

t.test('every fault ends the direct path with its own reason, route first', async (t) => {
  const silent = { repliedAt: NOW - 900, heardAt: NOW - 900, missedInRow: 3 }
  const quiet = { tunnel: { repliedAt: NOW - 1000 } }
  const cases: readonly (readonly [Reason, PeerPath, ReadingChanges, RegExp])[] = [
    ['silence', DOUBTFUL, { ...quiet, p2p: silent }, /no answer for 900 ms/],
    ['one-way', DOUBTFUL, { ...quiet, p2p: { ...silent, heardAt: NOW - 50 } }, /900 ms.*still arrive/],
    ['container-path', DOUBTFUL, { p2p: silent }, /tunnel answers/],
    // If half of all packets are lost, some of the tunnel's probes still get through.
    ['silence', DOUBTFUL, { tunnel: { goodInRow: 1 }, p2p: silent }, /no answer for 900 ms$/],
    ['loss', ACTIVE, { p2p: { lossShort: 0.25 } }, /5 of the last 20/],
    ['loss', ACTIVE, { p2p: { lossLong: 0.12 } }, /12 of the last 100/],
    // Losses known long before a verdict; the path is also in doubt, as happens now and then.
    ['loss', ACTIVE, { p2p: { recent: RECENT } }, /5 of the last 8 probes not answered/],
    [
      'loss',
      { ...DOUBTFUL, doubtAt: NOW - 50 },
      { p2p: { ...silentFor(550), recent: RECENT } },
      /5 of the last 8/,
    ],
    [
      'latency',
      { ...ACTIVE, slowSince: NOW - 5000 },
      { p2p: { rttMs: 1500 } },
      /1500 ms, 1 ms on the gateway path/,
    ],
    ['mtu', ACTIVE, { p2p: { bigMissedInRow: 3 } }, /3 full-size probes/],
    ['link-gone', ACTIVE, { linkUp: false }, /not up/],
    ['peer-said', ACTIVE, { peer: { phase: 'GATEWAY_FALLBACK', epoch: 4, reason: 'loss' } }, /loss/],
    ['peer-said', ACTIVE, { peer: { phase: 'GATEWAY_FALLBACK', epoch: 4, reason: 'silence' } }, /silence/],
    [
      'peer-said',
      ACTIVE,
      { peer: { phase: 'GATEWAY_ONLY', epoch: 1, reason: 'agent-start' } },
      /agent restarted/,
    ],
    [
      'peer-agent-gone',
      DOUBTFUL,
      { ...quiet, p2p: silent, gateway: { repliedAt: NOW - 900 }, refused: { p2p: true, gateway: true } },
      /but no agent listens there/,
    ],
  ]
  for (const [reason, path, changes, detail] of cases) {
    const fallen = read(path, changes)
    t.match(fallen.path, { phase: 'GATEWAY_FALLBACK', reason, detail, epoch: 5 }, reason)
    t.equal(kinds(fallen)[0], 'withdraw')
    t.ok(kinds(fallen).includes('tell') && kinds(fallen).includes('record'))
    t.equal(kinds(fallen).includes('repair'), reason === 'container-path')
    const isOpen = ['silence', 'one-way', 'container-path'].includes(changes.peer?.reason ?? reason)
    t.equal(kinds(fallen).includes('burst'), isOpen, 'later answers may explain it')
  }
})

t.test('what only looks like a fault does not change the path', async (t) => {
  const silent = { repliedAt: NOW - 900, missedInRow: 3 }
  const deadGateway = { repliedAt: NOW - 20_000, missedInRow: 9 }
  const cases: readonly (readonly [string, PeerPath, ReadingChanges])[] = [
    ['all is well', ACTIVE, {}],
    ['one probe lost', ACTIVE, { p2p: { repliedAt: NOW - 400, missedInRow: 1 } }],
    ['both paths are silent', DOUBTFUL, { p2p: silent, gateway: deadGateway }],
    ['there is no gateway path', DOUBTFUL, { p2p: silent, hasGateway: false }],
    ['loss, but the gateway path is dead', ACTIVE, { p2p: { lossShort: 0.5 }, gateway: deadGateway }],
    [
      'loss, but the gateway path loses as much',
      ACTIVE,
      { p2p: { lossShort: 0.3 }, gateway: { lossShort: 0.4 } },
    ],
    ['slow for a moment', ACTIVE, { p2p: { rttMs: 1500 } }],
    [
      'slow, like the gateway path',
      { ...ACTIVE, slowSince: NOW - 9000 },
      { p2p: { rttMs: 1500 }, gateway: { rttMs: 400 } },
    ],
    [
      'large packets lost on both paths',
      ACTIVE,
      { p2p: { bigMissedInRow: 5 }, gateway: { bigMissedInRow: 3 } },
    ],
    ['the peer is about to take the direct path', ACTIVE, { peer: { phase: 'P2P_ATTEMPTING', epoch: 3 } }],
    [
      'only the direct path shows a missing agent',
      DOUBTFUL,
      { p2p: silent, gateway: deadGateway, refused: { p2p: true, gateway: false } },
    ],
    ['many missed, but in one gap: silence decides', ACTIVE, { p2p: { recent: { ...RECENT, gaps: 1 } } }],
    ['half of the last probes missed', ACTIVE, { p2p: { recent: { ...RECENT, missed: 4 } } }],
    [
      'many missed, on the gateway path as well',
      ACTIVE,
      { p2p: { recent: RECENT }, gateway: { recent: { ...RECENT, missed: 3 } } },
    ],
    [
      'many missed, and the gateway path was not asked since',
      ACTIVE,
      { p2p: { recent: RECENT }, gateway: { repliedAt: NOW - 3000 } },
    ],
    ['many missed, and there is no gateway path', ACTIVE, { p2p: { recent: RECENT }, hasGateway: false }],
    ['many missed before this phase', { ...ACTIVE, lossFrom: NOW - 1000 }, { p2p: { recent: RECENT } }],
    ['loss measured before this phase', { ...ACTIVE, lossFrom: NOW - 1000 }, { p2p: { lossShort: 0.5 } }],
  ]
  for (const [name, path, changes] of cases) t.equal(read(path, changes).path.phase, 'P2P_ACTIVE', name)
})

t.test('silence on both paths is remembered until one of them answers', async (t) => {
  const silent = { repliedAt: NOW - 900, missedInRow: 3 }
  const stuck = read(DOUBTFUL, { p2p: silent, gateway: { repliedAt: NOW - 9000, missedInRow: 4 } })
  t.equal(stuck.path.bothSilent, true)
  t.equal(read(stuck.path, {}, NOW + 100).path.bothSilent, false)
  // The gateway path answers first: after one more burst it is the better path.
  const returning = read(stuck.path, { p2p: silent }, NOW + 100)
  t.same([returning.path.phase, ...kinds(returning)], ['P2P_ACTIVE', 'burst'])
  t.equal(read(returning.path, { p2p: silent }, NOW + 500).path.phase, 'GATEWAY_FALLBACK')
})

t.test('each doubt causes one burst', async (t) => {
  const late = { repliedAt: NOW - 600 }
  const doubted = read(ACTIVE, { p2p: late })
  t.same(kinds(doubted), ['burst'])
  const again = read(doubted.path, { p2p: { repliedAt: NOW - 600 } }, NOW + 50)
  t.same(kinds(again), [])
  const answered = read(again.path, {}, NOW + 100)
  t.equal(answered.path.doubtAt, undefined)
  t.same(kinds(read(answered.path, { p2p: late }, NOW + 700)), ['burst'])
})

t.test('gaps between answers cause bursts until they are explained', async (t) => {
  const gaps: ReadingChanges = { p2p: { recent: { ...RECENT, missed: 2 } } }
  const first = read(ACTIVE, gaps)
  t.same(kinds(first), ['burst'])
  t.equal(first.path.suspectAt, NOW)
  t.same(kinds(read(first.path, gaps, NOW + 100)), [], 'its answers come first')
  t.same(kinds(read(first.path, gaps, NOW + 300)), ['burst'])
  t.equal(read(first.path, {}, NOW + 300).path.suspectAt, undefined)
  const officeLoses: ReadingChanges = { ...gaps, gateway: { recent: { ...RECENT, missed: 3 } } }
  for (const changes of [officeLoses, { ...gaps, hasGateway: false }])
    t.same(kinds(read(ACTIVE, changes)), [], 'no better path')
})

t.test('slow probes: one miss is a doubt, and the burst decides within the silence deadline', async (t) => {
  const idle = { repliedAt: NOW - 2600, missedInRow: 1, intervalMs: 2000, heardAt: NOW - 2600 }
  const doubted = read(ACTIVE, { p2p: idle })
  t.same([doubted.path.phase, ...kinds(doubted)], ['P2P_ACTIVE', 'burst'])
  const fast = { ...idle, missedInRow: 4, intervalMs: 250 }
  t.equal(read(doubted.path, { p2p: fast }, NOW + 200).path.phase, 'P2P_ACTIVE')
  t.equal(
    read(doubted.path, { p2p: fast }, NOW + ESCALATION_DEFAULTS.silenceMs).path.phase,
    'GATEWAY_FALLBACK',
  )
})

t.test('our own stall is not blamed on the peer', async (t) => {
  const silent = { repliedAt: NOW - 5000, missedInRow: 1 }
  const stalled = next(DOUBTFUL, { kind: 'stall', lost: false })
  t.same(kinds(stalled), [])
  t.equal(read(stalled.path, { p2p: silent }, NOW + 300).path.phase, 'P2P_ACTIVE')
  const lost = next(ACTIVE, { kind: 'stall', lost: true })
  t.match(lost.path, { phase: 'GATEWAY_FALLBACK', reason: 'agent-stalled', holdUntil: NOW, falls: [] })
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
