import t from 'tap'
import { momentNow, timeOf } from '../../../../src/agent/paths/moment.ts'

const DAY_MS = 86_400_000
const START = { at: new Date('2030-05-01T08:00:00Z'), bootMs: 500_000 }
// The time of day and the time since boot, this long after the start.
const after = (dayMs: number, bootMs: number) => ({
  at: new Date(START.at.getTime() + dayMs),
  bootMs: START.bootMs + bootMs,
})

const cases: [string, number, number, string][] = [
  ['was left alone', 60_000, 60_000, '2030-05-01T08:00:00.000Z'],
  ['has drifted a little', 61_500, 60_000, '2030-05-01T08:00:00.000Z'],
  ['was set forward by a day', DAY_MS + 60_000, 60_000, '2030-05-02T08:00:00.000Z'],
  ['was set back by a day', 60_000 - DAY_MS, 60_000, '2030-04-30T08:00:00.000Z'],
]
for (const [name, dayMs, bootMs, told] of cases) {
  t.test(`a moment keeps its age if the clock ${name}`, async (t) => {
    const now = after(dayMs, bootMs)
    t.equal(timeOf(START, now).toISOString(), told)
    const ageMs = now.at.getTime() - timeOf(START, now).getTime()
    t.ok(Math.abs(ageMs - bootMs) < 2000, String(ageMs))
  })
}

t.test('the present moment is the present', async (t) => {
  const now = momentNow()
  t.ok(Math.abs(Date.now() - timeOf(now, momentNow()).getTime()) < 60_000)
})
