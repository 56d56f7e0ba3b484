import t from 'tap'

import { addResult, lossOf, newWindow } from '../../../../src/paths/probe/loss-window.ts'
import { Path, times, type Travel } from './fixtures/path.ts'

// fate of the probes, oldest first; then the reading once all is decided
const G = 5
const L = undefined
const losses: readonly (readonly [string, readonly Travel[], object])[] = [
  ['nothing lost', times(60, G), { lossShort: 0, lossLong: 0, goodInRow: 60, missedInRow: 0 }],
  ['a window that is not full', [...times(18, G), L], { lossShort: 0, lossLong: 0, missedInRow: 1 }],
  ['one of 20', [...times(19, G), L], { lossShort: 0.05, lossLong: 0, goodInRow: 0 }],
  [
    '5 of the last 20, 6 of the last 50',
    [L, ...times(29, G), ...times(5, L), ...times(15, G)],
    { lossShort: 0.25, lossLong: 0.12, goodInRow: 15, missedInRow: 0 },
  ],
  [
    'lost ones that the short window has passed',
    [L, L, L, ...times(47, G)],
    { lossShort: 0, lossLong: 0.06 },
  ],
  ['lost ones that both have passed', [L, L, ...times(62, G)], { lossShort: 0, lossLong: 0, goodInRow: 62 }],
  ['all', times(50, L), { lossShort: 1, lossLong: 1, goodInRow: 0, missedInRow: 50, rttMs: undefined }],
]
for (const [says, travels, reading] of losses) {
  t.test(`losses: ${says}`, async (t) => {
    const path = new Path()
    path.run(travels)
    path.wait(4000)
    t.match(path.reading(), reading)
    t.equal(path.lost, travels.filter((travel) => travel === undefined).length)
  })
}

t.test('losses: every second probe', async (t) => {
  const path = new Path()
  path.run(Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? G : L)))
  t.match(path.reading(), { lossShort: 0.5, lossLong: 0.5 })
})

t.test('the windows have their configured sizes, even if the short one is longer', async (t) => {
  for (const [sizes, loss] of [
    [
      { short: 2, long: 4 },
      { short: 0.5, long: 0.75 },
    ],
    [
      { short: 4, long: 2 },
      { short: 0.75, long: 0.5 },
    ],
    [
      { short: 1, long: 7 },
      { short: 1, long: 0 },
    ],
  ] as const) {
    const window = newWindow(sizes)
    for (const isLost of [false, true, true, true, false, true].slice(sizes.long === 7 ? 0 : 1))
      addResult(window, isLost)
    t.strictSame(lossOf(window), loss)
  }
})
