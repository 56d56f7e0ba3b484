import t from 'tap'
import { watchTraffic } from '../../../../src/agent/probing/traffic.ts'

const LOOK_MS = 250

/** Reads the counters every quarter of a second; each pair is what the link and what we counted since. */
function looks(pairs: readonly (readonly [link: number, own: number])[]): readonly boolean[] {
  const watch = watchTraffic()
  let packets = 1000
  watch.look(packets, 0, 0)
  return pairs.map(([link, own], index) => {
    packets += link
    return watch.look(packets, own, (index + 1) * LOOK_MS)
  })
}

const repeat = <T>(times: number, value: T): T[] => Array.from({ length: times }, () => value)

t.test('only our own packets', (t) => {
  t.same(looks(repeat(20, [150, 150])), repeat(20, false))
  t.end()
})

t.test('our own messages counted in one reading and on the link in the next', (t) => {
  const early = [
    [150, 190],
    [190, 150],
  ] as const
  t.same(looks(repeat(10, early).flat()), repeat(20, false))
  t.end()
})

t.test('our own messages that never reach the link', (t) => {
  t.same(looks(repeat(20, [100, 104])), repeat(20, false))
  t.same(looks([...repeat(20, [100, 104] as const), [140, 104]]).at(-1), true, 'other packets are still seen')
  t.end()
})

t.test('other packets are seen in the first reading and remembered for a while', (t) => {
  const seen = looks([...repeat(5, [150, 150] as const), [160, 150], ...repeat(30, [150, 150] as const)])
  t.same(seen.slice(0, 6), [...repeat(5, false), true])
  t.same(seen.slice(6, 25), repeat(19, true))
  t.equal(seen.at(-1), false)
  t.end()
})

t.test('at each reading a few of many messages are under way, a different number each time', (t) => {
  let seed = 7
  const random = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647
  let underWay = 0
  const pairs = repeat(400, 0).map(() => {
    const before = underWay
    underWay = Math.floor(random() * 20)
    return [250 - underWay + before, 250] as const
  })
  t.same(looks(pairs).filter(Boolean), [])
  t.end()
})

t.test('other packets continue', (t) => {
  t.same(looks(repeat(60, [160, 150])), repeat(60, true))
  t.end()
})

t.test('a recreated link', (t) => {
  const watch = watchTraffic()
  watch.look(5000, 0, 0)
  t.equal(watch.look(undefined, 10, 250), false)
  t.equal(watch.look(40, 10, 500), false)
  t.equal(watch.look(50, 10, 750), false)
  t.equal(watch.look(3, 10, 1000), false, 'the counters started again in between')
  t.equal(watch.look(53, 10, 1250), true)
  t.end()
})
