import t from 'tap'
import { age, duration, moment, percent } from '../../../../src/cli/text/figures.ts'

t.test('figures are short', async (t) => {
  t.equal(duration(null), '-')
  t.equal(duration(0.431), '0.43 ms')
  t.equal(duration(12.4), '12 ms')
  t.equal(duration(1250), '1.3 s')
  t.equal(percent(0), '0 %')
  t.equal(percent(0.025), '2.5 %')
  t.equal(percent(0.4), '40 %')
  t.equal(percent(1), '100 %')
})

t.test('ages show their two largest units', async (t) => {
  const now = new Date('2026-01-10T12:00:00Z')
  const ago = (seconds: number): string => age(new Date(now.getTime() - seconds * 1000).toISOString(), now)
  t.equal(ago(0), '0s')
  t.equal(ago(-5), '0s', 'a clock that was set back')
  t.equal(ago(59), '59s')
  t.equal(ago(725), '12m 5s')
  t.equal(ago(3600), '1h')
  t.equal(ago(273_700), '3d 4h')
  t.equal(age('soon', now), '-')
})

t.test("today's times have no date, others do", async (t) => {
  const at = new Date(2026, 0, 10, 3, 4, 5)
  t.equal(moment(at.toISOString(), new Date(2026, 0, 10, 23)), '03:04:05')
  t.equal(moment(at.toISOString(), new Date(2026, 0, 11)), '2026-01-10 03:04:05')
  t.equal(moment('soon', new Date()), 'soon')
})
