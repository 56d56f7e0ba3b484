import t from 'tap'
import { makeCollector } from '../../../../src/agent/upkeep/garbage.ts'

t.test('a failing collection is logged and ends nothing', async (t) => {
  const said: unknown[] = []
  const collector = makeCollector(
    () => {
      throw new TypeError('a bug')
    },
    (level, message, fields) => said.push([level, message, fields]),
  )
  await collector.collectNow()
  t.match(said, [['warn', 'garbage not collected', { error: /a bug/ }]])
  t.match(collector.count, { runs: 1, failures: 1 })
})
