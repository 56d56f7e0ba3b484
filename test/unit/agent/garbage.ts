import t from 'tap'
import { makeCollector } from '../../../src/agent/garbage.ts'

t.test('whatever goes wrong in a collection is logged and ends nothing', async (t) => {
  const said: unknown[] = []
  const collector = makeCollector(
    () => {
      throw new TypeError('a mistake of ours')
    },
    (level, message, fields) => said.push([level, message, fields]),
  )
  await collector.collectNow()
  t.match(said, [['warn', 'garbage not collected', { error: /a mistake of ours/ }]])
  t.match(collector.count, { runs: 1, failures: 1 })
})
