import { spawn } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  beat,
  endLease,
  leasePath,
  livingAgent,
  takeRoutesOver,
  withdrawalPath,
} from '../../../src/state/agent-lease.ts'
import { processStartTime } from '../../../src/state/liveness.ts'

const monotonicMs = (): number => Number(process.hrtime.bigint() / 1_000_000n)

t.test('an agent that beats and is ready is alive to others', async (t) => {
  const runDir = t.testdir()
  t.equal(livingAgent(runDir), undefined, 'none so far')
  beat(runDir, false)
  t.equal(livingAgent(runDir), undefined, 'its routes are not there yet')
  beat(runDir, true)
  t.equal(livingAgent(runDir), process.pid)
  endLease(runDir)
  t.equal(livingAgent(runDir), undefined)
  endLease(runDir)
})

t.test('a folder that was cleared away is made again', async (t) => {
  const runDir = join(t.testdir(), 'run', 'flatnet')
  beat(runDir, true)
  rmSync(runDir, { recursive: true })
  beat(runDir, true)
  t.equal(livingAgent(runDir), process.pid)
})

// what the file holds instead, over a good one
const bad: [string, (good: object) => unknown][] = [
  ['a beat of long ago', (good) => ({ ...good, beat: monotonicMs() - 10_000 })],
  ['a beat of a time to come, from another boot', (good) => ({ ...good, beat: monotonicMs() + 60_000 })],
  ['another process with its number', (good) => ({ ...good, startTime: '1' })],
  ['another kind of number', (good) => ({ ...good, pid: 'x' })],
  ['nothing', () => null],
  ['a list', () => []],
]
for (const [name, change] of bad) {
  t.test(`no agent lives by ${name}`, async (t) => {
    const runDir = t.testdir()
    const startTime = processStartTime(process.pid)
    const good = { pid: process.pid, startTime, beat: monotonicMs(), ready: true }
    writeFileSync(leasePath(runDir), JSON.stringify(good))
    t.equal(livingAgent(runDir), process.pid)
    writeFileSync(leasePath(runDir), JSON.stringify(change(good)))
    t.equal(livingAgent(runDir), undefined)
  })
}

t.test('an agent that was killed is not alive, however fresh its beat', async (t) => {
  const runDir = t.testdir()
  const child = spawn('sleep', ['60'])
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const startTime = processStartTime(child.pid ?? 0)
  const lease = { pid: child.pid, startTime, beat: monotonicMs(), ready: true }
  writeFileSync(leasePath(runDir), JSON.stringify(lease))
  t.equal(livingAgent(runDir), child.pid)
  child.kill('SIGKILL')
  await ended
  writeFileSync(leasePath(runDir), JSON.stringify({ ...lease, beat: monotonicMs() }))
  t.equal(livingAgent(runDir), undefined)
})

t.test('routes are taken over from an agent whose process is gone, not from one that hangs', async (t) => {
  const runDir = t.testdir()
  const path = withdrawalPath(runDir)
  const lease = { pid: process.pid, startTime: processStartTime(process.pid), beat: 0, ready: true }
  writeFileSync(path, 'route delete 10.87.2.0/24\n')
  writeFileSync(leasePath(runDir), JSON.stringify(lease))
  takeRoutesOver(runDir)
  t.ok(existsSync(path), 'it has not beaten for long, and may go on')
  writeFileSync(leasePath(runDir), JSON.stringify({ ...lease, startTime: '1' }))
  takeRoutesOver(runDir)
  t.notOk(existsSync(path))
  takeRoutesOver(runDir)
  endLease(runDir)
  writeFileSync(path, 'route delete 10.87.2.0/24\n')
  takeRoutesOver(runDir)
  t.notOk(existsSync(path), 'nobody is named at all')
})
