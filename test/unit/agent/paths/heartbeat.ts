import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

import { makeHeartbeat } from '../../../../src/agent/paths/heartbeat.ts'

t.test('a failing heartbeat is logged once, and its recovery once', (t) => {
  const runDir = join(t.testdir({}), 'run')
  const logged: object[] = []
  const write = makeHeartbeat(runDir, (level, msg, { file } = {}) => logged.push({ level, msg, file }))
  const outage = (): void => {
    rmSync(runDir, { recursive: true, force: true })
    writeFileSync(runDir, 'no folder')
    for (let beats = 0; beats < 10; beats += 1) write(true)
    rmSync(runDir)
    mkdirSync(runDir)
    for (let beats = 0; beats < 10; beats += 1) write(true)
  }
  const once = [
    { level: 'warn', msg: 'heartbeat not written', file: runDir },
    { level: 'info', msg: 'heartbeat written again', file: runDir },
  ]
  outage()
  t.same(logged, once)
  outage()
  t.same(logged, [...once, ...once])
  t.end()
})
