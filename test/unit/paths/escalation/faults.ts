// What ends the direct path, and what only looks like a fault.

import t from 'tap'

import { ESCALATION_DEFAULTS } from '../../../../src/paths/escalation/options.ts'
import type { PeerPath, Reason } from '../../../../src/paths/escalation/state.ts'
import { type ReadingChanges } from '../../../fixtures/agent/readings.ts'
import { NOW, ACTIVE, next, read, kinds, DOUBTFUL, RECENT, silentFor } from './fixtures/path.ts'

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
