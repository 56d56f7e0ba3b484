import t from 'tap'
import { chooseBase } from '../../../src/diagnose/gather/nebula-stats.ts'

interface Look {
  readonly at: number
  readonly count: number
}

// Looks at these seconds, while Nebula counts as `countAt` says; what each look finds to have grown.
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

t.test(
  'what goes on is seen by every look, although Nebula brings its counters up to date seldom',
  async (t) => {
    const grown = watch(everySecond, (second) => Math.floor(second / 10) * 5)
    t.same(grown.slice(0, 10), Array(10).fill(0), 'there is nothing to see before the first update')
    t.equal(
      grown.slice(10).every((count) => count > 0),
      true,
    )
  },
)

t.test('what has ended is told for half a minute at most', async (t) => {
  const grown = watch(everySecond, (second) => (second < 40 ? 0 : 7))
  t.same(grown.slice(40, 55), Array(15).fill(7))
  t.same(grown.slice(71), Array(49).fill(0))
})

t.test('looks that are far apart are compared with the one before', async (t) => {
  t.same(
    watch([0, 60, 120, 180], (second) => second),
    [0, 60, 60, 60],
  )
})
