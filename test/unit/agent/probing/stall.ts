import t from 'tap'

import { stallBetween } from '../../../../src/agent/probing/stall.ts'

const START = { monotonicMs: 5000, bootMs: 90_000 }

t.test('delays and sleep are measured', (t) => {
  const cases: readonly (readonly [monotonicMs: number, bootMs: number, stall: string, says: string])[] = [
    [250, 250, 'none', 'in time'],
    [449, 449, 'none', 'a little late'],
    [450, 450, 'short', 'as late as a lost probe'],
    [749, 749, 'short', 'the guard has not moved'],
    [750, 750, 'long', 'the guard may have taken the routes'],
    [250, 260, 'none', '/proc/uptime is coarse'],
    [250, 240, 'none', 'the other way too'],
    [250, 460, 'short', 'asleep for a moment'],
    [250, 3_600_250, 'long', 'asleep for an hour, which the monotonic clock does not show'],
  ]
  for (const [monotonicMs, bootMs, stall, says] of cases) {
    const after = { monotonicMs: START.monotonicMs + monotonicMs, bootMs: START.bootMs + bootMs }
    t.equal(stallBetween(START, after, 250), stall, says)
  }
  t.end()
})
