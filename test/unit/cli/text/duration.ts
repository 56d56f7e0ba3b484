import t from 'tap'
import { parseDuration } from '../../../../src/cli/text/duration.ts'

t.test('times are parsed as people type them', async (t) => {
  t.equal(parseDuration('10s', '--wait'), 10_000)
  t.equal(parseDuration('5m', '--wait'), 300_000)
  t.equal(parseDuration('500ms', '--wait'), 500)
  t.equal(parseDuration('24h', '--wait'), 86_400_000)
  for (const wrong of ['', '10', 's', '-1s', '1.5s', '25h', '1d', '10 s'])
    t.throws(() => parseDuration(wrong, '--wait'), { message: '--wait needs a time like 10s or 5m' }, wrong)
})
