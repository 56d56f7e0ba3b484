import t from 'tap'
import { chooseBase } from '../../../src/diagnose/gather/nebula-stats.ts'

interface Look {
  readonly at: number
  readonly count: number
}

// Reads at these seconds, while Nebula counts as `countAt` says; returns what each reading finds to have
// grown.
function watch(seconds: readonly number[], countAt: (second: number) => number): readonly number[] {
  let earlier: readonly Look[] = []
  return seconds.map((second) => {
    const now = { at: second * 1000, count: countAt(second) }
    const { base, looks } = chooseBase(earlier, now)
    earlier = looks
    return now.count - (base ?? now).count
  })
}

const everySecond = Array.from({ length: 120 }, (_, second) => second)

t.test('every reading sees a lasting fault, although Nebula rarely updates its counters', async (t) => {
  const grown = watch(everySecond, (second) => Math.floor(second / 10) * 5)
  t.same(grown.slice(0, 10), Array(10).fill(0), 'nothing is seen before the first update')
  t.equal(
    grown.slice(10).every((count) => count > 0),
    true,
  )
})

t.test('a past fault is reported for at most half a minute', async (t) => {
  const grown = watch(everySecond, (second) => (second < 40 ? 0 : 7))
  t.same(grown.slice(40, 55), Array(15).fill(7))
  t.same(grown.slice(71), Array(49).fill(0))
})

t.test('readings far apart are compared with the previous one', async (t) => {
  t.same(
    watch([0, 60, 120, 180], (second) => second),
    [0, 60, 60, 60],
  )
})
