import t from 'tap'
import { idleShareOf, parseTicks, parseTimes } from '../../../../scripts/suite/processors.ts'

t.test('idle time includes waiting for a disk', (t) => {
  const before = parseTicks('cpu  100 0 50 800 50 0 0 0 0 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n')
  t.same(before, { all: 1000, idle: 850 })
  const after = parseTicks('cpu  150 0 75 810 55 0 5 5 40 0\n')
  t.same(after, { all: 1100, idle: 865 }, 'guest time is part of user time')
  t.equal(idleShareOf(before, after), 0.15)
  t.equal(idleShareOf(after, after), 0, 'no time has passed')
  t.end()
})

t.test('the second line of `times` is the time of the children', (t) => {
  t.equal(parseTimes('0m0.010000s 0m0.020000s\n1m1.250000s 0m2.500000s\n'), 63.75, 'dash')
  t.equal(parseTimes('0m0.010s 0m0.020s\n0m1.250s 0m0.500s\n'), 1.75, 'bash')
  t.equal(parseTimes(''), 0, 'killed before it printed them')
  t.end()
})
