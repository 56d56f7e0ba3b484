import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { gather } from '../../../src/diagnose/gather.ts'
import { diagnose } from '../../../src/diagnose/run.ts'

t.test('a fact that cannot be had comes with the reason, and the others come all the same', async (t) => {
  const settingsFile = join(t.testdir(), 'flatnet.json')
  writeFileSync(settingsFile, '{"pools": "10.87.0.0/16"}')
  const facts = await gather(['now', 'settings', 'identity', 'settingsFile'], { now: 5, settingsFile })
  t.same(facts.now, { value: 5 })
  t.match(facts.settings, { problem: /flatnet\.json.*pools/ })
  t.match(facts.identity, { problem: /flatnet\.json/ }, 'what rests on it says the same')
  t.match(facts.settingsFile, { value: { isThere: true, problem: /pools/ } })
})

t.test('one that takes too long is given up', async (t) => {
  const settingsFile = join(t.testdir(), 'none.json')
  const facts = await gather(['links'], { now: 5, settingsFile, limitMs: 0 })
  t.match(facts.links, { problem: /^links: no answer within 0 ms/ })
})

t.test('a wrong settings file is a failure with the key', async (t) => {
  const settingsFile = join(t.testdir(), 'flatnet.json')
  const about = { settingsFile, only: ['SYS-001'] }
  t.match(await diagnose(about), { exitCode: 0, items: [{ verdict: 'ok' }] }, 'no file is fine')
  writeFileSync(settingsFile, '{"bridge": 7}')
  t.match(await diagnose(about), {
    exitCode: 2,
    roots: ['SYS-001'],
    items: [{ findings: [{ seen: /bridge/, next: [`correct ${settingsFile}`] }] }],
  })
})
