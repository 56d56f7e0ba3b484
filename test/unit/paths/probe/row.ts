import t from 'tap'

import { forgive, newLane, sent } from '../../../../src/paths/probe/lane.ts'
import { Path, times } from './fixtures/path.ts'

t.test('a lost probe between good ones breaks the run before it counts as lost', async (t) => {
  const path = new Path()
  path.run([...times(9, 5), undefined, ...times(4, 5)])
  t.match(path.reading(), { goodInRow: 4, missedInRow: 0 })
  path.wait(4000)
  t.match(path.reading(), { goodInRow: 4, missedInRow: 0 })
})

t.test('the last eight probes: misses and gaps, without waiting for losses', async (t) => {
  const path = new Path()
  path.run([...times(20, 5), ...times(3, undefined), 5, 5, undefined, 5, undefined])
  path.wait(500)
  t.match(path.reading().recent, { probes: 8, missed: 5, gaps: 3 })
  path.run(times(5, 5))
  t.match(path.reading().recent, { missed: 2, gaps: 2 })
  const fresh = new Path()
  fresh.run(times(7, undefined))
  fresh.wait(1000)
  t.match(fresh.reading().recent, { missed: 7, gaps: 1, since: Infinity }, 'fewer so far')
})

t.test('a late answer closes its gap, and forgiven probes leave none', async (t) => {
  const path = new Path()
  path.run([...times(10, 5), 2000, 5, 2000, 5])
  path.wait(3000)
  t.match(path.reading().recent, { missed: 0, gaps: 0 })
  path.run([...times(4, 5), undefined, 5, undefined, 5])
  path.wait(500)
  forgive(path.lane, path.now)
  t.match(path.reading().recent, { missed: 0, since: Infinity })
})

t.test('answers in the wrong order leave no gap', async (t) => {
  const path = new Path(50)
  path.run([...times(10, 5), 120, ...times(5, 5)])
  path.wait(100)
  t.match(path.reading(), { goodInRow: 16, missedInRow: 0 })
})

t.test('runs continue beyond what is remembered', async (t) => {
  const path = new Path()
  path.run(times(200, 5))
  t.equal(path.reading().goodInRow, 200)
  path.run(times(200, undefined))
  path.wait(500)
  t.match(path.reading(), { goodInRow: 0, missedInRow: 200, lossLong: 1 })
  path.run([5])
  t.match(path.reading(), { goodInRow: 1, missedInRow: 0 })
})

t.test('the memory of a lane is bounded, answered or not', async (t) => {
  for (const travel of [5, undefined]) {
    const path = new Path(100)
    for (let count = 0; count < 3000; count++) {
      path.send(travel, true)
      path.run([travel])
    }
    t.ok(path.lane.small.probes.length < 200 && path.lane.big.probes.length < 200)
  }
})

t.test('a caller that never asks for losses does not fill the memory either', async (t) => {
  const lane = newLane({ short: 20, long: 50 })
  for (let sequence = 1; sequence < 5000; sequence++)
    sent(lane, { sequence, nonce: 'aa', isBig: false }, sequence * 100)
  t.ok(lane.small.probes.length < 200)
})
