import { spawn } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  beat,
  endHeartbeat,
  heartbeatPath,
  livingAgent,
  takeRoutesOver,
  withdrawalPath,
} from '../../../../src/state/agent/heartbeat.ts'
import { processStartTime } from '../../../../src/kernel/presence.ts'

const monotonicMs = (): number => Number(process.hrtime.bigint() / 1_000_000n)

t.test('an agent that is ready and has a heartbeat counts as alive', async (t) => {
  const runDir = t.testdir()
  t.equal(livingAgent(runDir), undefined, 'none so far')
  beat(runDir, false)
  t.equal(livingAgent(runDir), undefined, 'its routes are not there yet')
  beat(runDir, true)
  t.equal(livingAgent(runDir), process.pid)
  endHeartbeat(runDir)
  t.equal(livingAgent(runDir), undefined)
  endHeartbeat(runDir)
})

t.test('a deleted folder is created again', async (t) => {
  const runDir = join(t.testdir(), 'run', 'flatnet')
  beat(runDir, true)
  rmSync(runDir, { recursive: true })
  beat(runDir, true)
  t.equal(livingAgent(runDir), process.pid)
})

// what the file holds in place of a valid heartbeat
const bad: [string, (good: object) => unknown][] = [
  ['an old heartbeat', (good) => ({ ...good, beat: monotonicMs() - 10_000 })],
  ['a heartbeat from the future, of another boot', (good) => ({ ...good, beat: monotonicMs() + 60_000 })],
  ['another process with its process ID', (good) => ({ ...good, startTime: '1' })],
  ['a process ID of the wrong type', (good) => ({ ...good, pid: 'x' })],
  ['nothing', () => null],
  ['a list', () => []],
]
for (const [name, change] of bad) {
  t.test(`no agent counts as alive with ${name}`, async (t) => {
    const runDir = t.testdir()
    const startTime = processStartTime(process.pid)
    const good = { pid: process.pid, startTime, beat: monotonicMs(), ready: true }
    writeFileSync(heartbeatPath(runDir), JSON.stringify(good))
    t.equal(livingAgent(runDir), process.pid)
    writeFileSync(heartbeatPath(runDir), JSON.stringify(change(good)))
    t.equal(livingAgent(runDir), undefined)
  })
}

t.test('a killed agent is not alive, however recent its heartbeat', async (t) => {
  const runDir = t.testdir()
  const child = spawn('sleep', ['60'])
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const startTime = processStartTime(child.pid ?? 0)
  const heartbeat = { pid: child.pid, startTime, beat: monotonicMs(), ready: true }
  writeFileSync(heartbeatPath(runDir), JSON.stringify(heartbeat))
  t.equal(livingAgent(runDir), child.pid)
  child.kill('SIGKILL')
  await ended
  writeFileSync(heartbeatPath(runDir), JSON.stringify({ ...heartbeat, beat: monotonicMs() }))
  t.equal(livingAgent(runDir), undefined)
})

t.test('routes are adopted from an agent whose process has ended, not from a hanging one', async (t) => {
  const runDir = t.testdir()
  const path = withdrawalPath(runDir)
  const heartbeat = { pid: process.pid, startTime: processStartTime(process.pid), beat: 0, ready: true }
  writeFileSync(path, 'route delete 10.87.2.0/24\n')
  writeFileSync(heartbeatPath(runDir), JSON.stringify(heartbeat))
  takeRoutesOver(runDir)
  t.ok(existsSync(path), 'its heartbeat is old, but it may continue')
  writeFileSync(heartbeatPath(runDir), JSON.stringify({ ...heartbeat, startTime: '1' }))
  takeRoutesOver(runDir)
  t.notOk(existsSync(path))
  takeRoutesOver(runDir)
  endHeartbeat(runDir)
  writeFileSync(path, 'route delete 10.87.2.0/24\n')
  takeRoutesOver(runDir)
  t.notOk(existsSync(path), 'no process is named')
})
