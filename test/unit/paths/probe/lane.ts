import fc from 'fast-check'
import t from 'tap'

import { forgive, heard, newLane, readingOf, replied, startAnew } from '../../../../src/paths/probe/lane.ts'
import { holdsForAll } from '../../nebula/fixtures/property.ts'
import { Path, times, type Travel } from './fixtures/path.ts'

t.test('an unused lane reports that nothing is known', async (t) => {
  t.strictSame(readingOf(newLane({ short: 20, long: 50 }), 1000, 300), {
    repliedAt: -Infinity,
    heardAt: -Infinity,
    unansweredSince: Infinity,
    goodInRow: 0,
    missedInRow: 0,
    recent: { probes: 8, missed: 0, gaps: 0, since: Infinity },
    lossShort: 0,
    lossLong: 0,
    rttMs: undefined,
    lastRttMs: undefined,
    bigGoodInRow: 0,
    bigMissedInRow: 0,
    intervalMs: 300,
  })
})

t.test('the first probe since the last answer is remembered', async (t) => {
  const path = new Path()
  const since = (): number => path.reading().unansweredSince
  path.run([5])
  t.equal(since(), Infinity)
  const first = path.now
  path.run([undefined, undefined])
  t.equal(since(), first)
  path.run([5])
  t.equal(since(), Infinity)
})

t.test('an answer gives its round trip once; wrong ones are refused with the reason', async (t) => {
  const path = new Path()
  const { sequence, nonce } = path.send(undefined)
  path.wait(20)
  t.equal(replied(path.lane, { sequence, nonce: 'ffffffffffffffff' }, path.now), 'unknown')
  t.equal(replied(path.lane, { sequence: 2, nonce }, path.now), 'unknown')
  t.equal(path.reading().repliedAt, -Infinity, 'a wrong answer counts for nothing')
  t.equal(replied(path.lane, { sequence, nonce }, path.now), 20)
  t.equal(replied(path.lane, { sequence, nonce }, path.now + 5), 'duplicate')
  t.match(path.reading(), { repliedAt: 20, rttMs: 20, goodInRow: 1 })
})

t.test('the peer’s own probes are noted, but are not answers', async (t) => {
  const path = new Path()
  heard(path.lane, 70)
  t.match(path.reading(), { heardAt: 70, repliedAt: -Infinity })
})

t.test('the round trip is smoothed by an eighth', async (t) => {
  const path = new Path()
  path.run([80])
  t.equal(path.reading().rttMs, 80)
  path.run([160])
  t.match(path.reading(), { rttMs: 90, lastRttMs: 160 })
  path.run([10])
  t.equal(path.reading().rttMs, 80)
})

t.test('silence is seen immediately, loss only once the answer can no longer come', async (t) => {
  const path = new Path()
  path.run(times(20, 5))
  const last = path.reading().repliedAt
  path.run(times(3, undefined))
  t.match(path.reading(), { missedInRow: 2, goodInRow: 0, lossShort: 0, repliedAt: last })
  path.wait(1)
  t.match(path.reading(), { missedInRow: 3 })
  path.wait(3000)
  t.match(path.reading(), { missedInRow: 3, lossShort: 0.15, repliedAt: last })
})

t.test('a probe still under way does not count yet', async (t) => {
  const path = new Path()
  path.run(times(12, 5))
  path.send(undefined)
  path.wait(299)
  t.match(path.reading(), { goodInRow: 12, missedInRow: 0 })
  path.wait(2)
  t.match(path.reading(), { goodInRow: 0, missedInRow: 1 })
})

t.test('a slowly probed lane comes into doubt before its next probe', async (t) => {
  const path = new Path(2000)
  path.run(times(3, 5))
  path.send(undefined)
  path.wait(600)
  t.match(path.reading(), { missedInRow: 1 })
})

t.test('a slow path with varying answers gets the time it needs', async (t) => {
  const path = new Path()
  path.run(Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? 700 : 1100)))
  t.match(path.reading(), { missedInRow: 0 })
  path.wait(4000)
  t.equal(path.lost, 0)
})

t.test('a lane that gets traffic is judged by what comes after that', async (t) => {
  const path = new Path()
  path.run([...times(8, 1000), undefined, ...times(9, 5)])
  path.wait(3000)
  t.ok(path.reading().lossShort > 0 || path.lane.window.lostShort > 0)
  const { rttMs = 0 } = path.reading()
  t.ok(rttMs > 200, 'it still remembers its round trip')
  startAnew(path.lane)
  path.send(undefined)
  path.wait(301)
  t.match(
    path.reading(),
    { missedInRow: 1, lossShort: 0, rttMs: 5 },
    'a miss is seen after one interval again',
  )
})

t.test('an extra second of delay is not loss: the path counts as alive but slow', async (t) => {
  const path = new Path()
  path.run(times(50, 5))
  path.run(times(3, 1005))
  t.match(path.reading(), { missedInRow: 2 })
  path.run(times(40, 1005))
  const { rttMs, lossShort, missedInRow, repliedAt } = path.reading()
  t.ok((rttMs ?? 0) > 950, `${String(rttMs)} ms`)
  t.equal(lossShort, 0)
  t.equal(missedInRow, 0)
  t.ok(path.now - repliedAt < 300)
  path.wait(4000)
  t.equal(path.lost, 0)
})

t.test(
  'an answer after its loss was counted shows life, gives no round trip, and the loss stays',
  async (t) => {
    const path = new Path()
    path.run(times(20, 5))
    const { sequence, nonce } = path.send(3500)
    path.wait(3400)
    t.match(path.reading(), { missedInRow: 1, lossShort: 0.05 })
    path.wait(200)
    const reading = path.reading()
    t.match(reading, { missedInRow: 0, goodInRow: 0, lossShort: 0.05, repliedAt: path.now - 100 })
    t.equal(reading.rttMs, 5)
    t.equal(path.lost, 1)
    t.equal(replied(path.lane, { sequence, nonce }, path.now), 'duplicate')
  },
)

t.test('an answer long after the loss does not count', async (t) => {
  const path = new Path()
  const { sequence, nonce } = path.send(undefined)
  path.wait(20_000)
  path.run(times(40, 5))
  const before = path.reading()
  t.equal(replied(path.lane, { sequence, nonce }, path.now), 'unknown')
  t.strictSame(path.reading(), before)
})

t.test('large probes are counted separately: losing them all is not loss', async (t) => {
  const path = new Path()
  const both = (big: Travel): void => {
    path.send(big, true)
    path.run([5])
  }
  for (let turn = 0; turn < 5; turn++) both(5)
  t.match(path.reading(), { bigGoodInRow: 5, bigMissedInRow: 0, goodInRow: 5 })
  for (let turn = 0; turn < 20; turn++) both(undefined)
  path.wait(4000)
  t.match(path.reading(), {
    bigGoodInRow: 0,
    bigMissedInRow: 20,
    goodInRow: 25,
    missedInRow: 0,
    lossShort: 0,
  })
  t.equal(path.lost, 20)
  both(5)
  t.match(path.reading(), { bigGoodInRow: 1, bigMissedInRow: 0 })
})

t.test(
  'an answer to a large probe shows that the path is alive and does not affect the round trip',
  async (t) => {
    const path = new Path()
    path.run([5])
    path.send(90, true)
    path.wait(90)
    t.match(path.reading(), { repliedAt: path.now, rttMs: 5, bigGoodInRow: 1 })
  },
)

t.test('after our own stall nothing counts against the peer or as proof', async (t) => {
  const path = new Path()
  path.run([...times(30, 5), ...times(3, undefined), ...times(12, 5)])
  const waiting = path.send(undefined)
  const big = [path.send(5, true), path.send(undefined, true)] as const
  path.wait(6)
  path.now += 5000
  forgive(path.lane, path.now)
  const { repliedAt, ...reading } = path.reading()
  t.match(reading, {
    goodInRow: 0,
    missedInRow: 0,
    bigGoodInRow: 0,
    bigMissedInRow: 0,
    lossShort: 0,
    rttMs: 5,
  })
  t.ok(path.now - repliedAt >= 5000, 'no answer is invented')
  const lost = path.lost
  t.equal(replied(path.lane, waiting, path.now), 'forgiven', 'it was waiting while this process was stopped')
  t.equal(replied(path.lane, big[0], path.now), 'duplicate')
  t.equal(replied(path.lane, big[1], path.now), 'forgiven')
  path.wait(4000)
  t.equal(path.lost, lost, 'what was under way is not lost')
  t.match(path.reading(), { repliedAt, missedInRow: 0, bigMissedInRow: 0 })
  // As many again as are remembered: nothing earlier comes back.
  for (let count = 1; count <= 80; count++) {
    path.run([5])
    t.match(path.reading(), { goodInRow: count, missedInRow: 0, lossShort: 0, lossLong: 0 })
  }
})

t.test('the figures are consistent in every case', (t) => {
  const step = fc.record({
    travel: fc.option(fc.nat(5000), { nil: undefined }),
    waitMs: fc.nat(900),
    isBig: fc.boolean(),
    stalls: fc.integer({ min: 0, max: 40 }),
  })
  holdsForAll(t, fc.array(step, { maxLength: 150 }), (steps) => {
    const path = new Path()
    for (const { travel, waitMs, isBig, stalls } of steps) {
      path.send(travel, isBig)
      path.wait(waitMs)
      if (stalls === 0) forgive(path.lane, path.now)
      const reading = path.reading()
      const { goodInRow, missedInRow, bigGoodInRow, bigMissedInRow, lossShort, lossLong, rttMs } = reading
      if (goodInRow > 0 && missedInRow > 0) throw new Error('good and missed at once')
      if (bigGoodInRow > 0 && bigMissedInRow > 0) throw new Error('good and missed at once, large')
      if (![lossShort, lossLong].every((loss) => loss >= 0 && loss <= 1)) throw new Error('no part of 1')
      if (rttMs !== undefined && !(rttMs >= 0 && rttMs <= 5000)) throw new Error('no such round trip')
      if (reading.repliedAt > path.now) throw new Error('from the future')
    }
  })
  t.end()
})
