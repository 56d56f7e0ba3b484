import t from 'tap'

import { newLane, sent } from '../../../src/probe/lane.ts'
import { Path, times } from './fixtures/path.ts'

t.test('a lost probe between good ones breaks the row before it counts as lost', async (t) => {
  const path = new Path()
  path.run([...times(9, 5), undefined, ...times(4, 5)])
  t.match(path.reading(), { goodInRow: 4, missedInRow: 0 })
  path.wait(4000)
  t.match(path.reading(), { goodInRow: 4, missedInRow: 0 })
})

t.test('answers that overtake each other make no gap', async (t) => {
  const path = new Path(50)
  path.run([...times(10, 5), 120, ...times(5, 5)])
  path.wait(100)
  t.match(path.reading(), { goodInRow: 16, missedInRow: 0 })
})

t.test('rows go on beyond what is remembered', async (t) => {
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
