import t from 'tap'

import { ESCALATION_DEFAULTS } from '../../../../src/paths/escalation/options.ts'
import type { PeerPath } from '../../../../src/paths/escalation/state.ts'
import { restingPath } from '../../../../src/paths/escalation/step.ts'
import { troublesOf } from '../../../../src/paths/escalation/trouble.ts'
import { healthy, type ReadingChanges } from '../../../fixtures/agent/readings.ts'

const NOW = 1_000_000
const ACTIVE: PeerPath = { ...restingPath(NOW - 100_000), phase: 'P2P_ACTIVE', wasActive: true }
const FALLBACK: PeerPath = { ...ACTIVE, phase: 'GATEWAY_FALLBACK', detail: '6 of the last 20 probes lost' }
const SILENT = {
  repliedAt: NOW - 12_000,
  heardAt: NOW - 12_000,
  missedInRow: 6,
  unansweredSince: NOW - 11_800,
}
/** The tunnel is asked every 15 s, so its last answer still counts. */
const BEFORE = { repliedAt: NOW - 11_900, intervalMs: 15_000, unansweredSince: Infinity }

const say = (path: PeerPath, changes: ReadingChanges = {}): readonly string[] =>
  troublesOf(path, healthy(NOW, changes), { now: NOW, options: ESCALATION_DEFAULTS })

t.test('a healthy peer has no troubles', async (t) => {
  t.same(say(ACTIVE), [])
  t.same(say({ ...ACTIVE, phase: 'GATEWAY_ONLY' }), [])
})

t.test('each trouble has its sentence', async (t) => {
  const cases: readonly (readonly [PeerPath, ReadingChanges, RegExp])[] = [
    [ACTIVE, { p2p: SILENT, gateway: SILENT }, /no path answers \(direct for 12 s.*stays on the direct path/],
    [ACTIVE, { p2p: SILENT, hasGateway: false }, /there is no gateway path/],
    [ACTIVE, { gateway: SILENT }, /gateway path has not answered for 12 s; there is no fallback/],
    [FALLBACK, { gateway: SILENT }, /traffic takes it and is lost/],
    [FALLBACK, { p2p: { ...SILENT, heardAt: NOW - 50 } }, /one-way/],
    [FALLBACK, { p2p: SILENT }, /tunnel to the peer answers, but the path between/],
    [FALLBACK, { p2p: SILENT, tunnel: BEFORE }, /direct path has not answered for 12 s$/],
    [FALLBACK, { p2p: SILENT, tunnel: SILENT }, /direct path has not answered for 12 s/],
    [FALLBACK, { linkUp: false }, /nebula link is down/],
    [ACTIVE, { p2p: { rttMs: 612 } }, /direct path is slow: answers take 612 ms \(the limit is 1000 ms\)/],
    [ACTIVE, { gateway: { rttMs: 700 } }, /gateway path is slow/],
    [ACTIVE, { gateway: { bigMissedInRow: 3 } }, /gateway path loses full-size packets/],
    [ACTIVE, { p2p: { lossLong: 0.12 } }, /direct path loses 12 %/],
    [{ ...FALLBACK, holdUntil: NOW + 30_000 }, {}, /held back for another 30 s: 6 of the last 20/],
    [FALLBACK, { peer: { holdMs: 7500, reason: 'loss' } }, /peer holds the direct path back.*7\.5 s: loss/],
    [FALLBACK, { peer: null }, /no message from the peer's agent/],
  ]
  for (const [path, changes, sentence] of cases) {
    const troubles = say(path, changes)
    t.equal(troubles.length, 1, String(sentence))
    t.match(troubles[0], sentence)
  }
})

t.test('a peer without its agent is told apart from one that is down', async (t) => {
  const troubles = say(ACTIVE, { p2p: SILENT, gateway: SILENT, refused: { p2p: true, gateway: true } })
  t.match(troubles[1], /no agent listens there/)
})
