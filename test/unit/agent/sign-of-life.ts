import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

import { signOfLife } from '../../../src/agent/sign-of-life.ts'

t.test('a sign that cannot be given is told once, and once when it can be again', (t) => {
  const runDir = join(t.testdir({}), 'run')
  const logged: object[] = []
  const giveSign = signOfLife(runDir, (level, msg, { file } = {}) => logged.push({ level, msg, file }))
  const outage = (): void => {
    rmSync(runDir, { recursive: true, force: true })
    writeFileSync(runDir, 'no folder')
    for (let beats = 0; beats < 10; beats += 1) giveSign(true)
    rmSync(runDir)
    mkdirSync(runDir)
    for (let beats = 0; beats < 10; beats += 1) giveSign(true)
  }
  const once = [
    { level: 'warn', msg: 'no sign of life', file: runDir },
    { level: 'info', msg: 'sign of life again', file: runDir },
  ]
  outage()
  t.same(logged, once)
  outage()
  t.same(logged, [...once, ...once])
  t.end()
})
