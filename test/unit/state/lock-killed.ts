// The lock with processes that are killed or stopped while they hold it.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { CniCode } from '../../../src/cni/error.ts'
import { withLock } from '../../../src/state/lock/lock.ts'

const WORKER = fileURLToPath(new URL('../../fixtures/state/lock-worker.ts', import.meta.url))

function start(t: Test, folder: string, count: number) {
  const child = spawn(process.execPath, [WORKER, folder, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const ended = once(child, 'close').then(() => output.split('\n').filter((line) => line !== ''))
  return { child, ended }
}

t.test('two processes are never inside, even if killed there, and others continue', async (t) => {
  const dir = t.testdir()
  const [steady, hasty] = [start(t, dir, 300), start(t, dir, 300)]
  const lines: string[] = []
  let isOver = false
  const done = Promise.all([steady.ended, hasty.ended]).finally(() => (isOver = true))
  let kills = 0
  while (!isOver) {
    const victims = [start(t, dir, 1e6), start(t, dir, 1e6)]
    await Promise.race([done, Promise.all(victims.map(({ child }) => once(child.stdout, 'data')))])
    await setTimeout(kills % 7)
    for (const { child } of victims) child.kill('SIGKILL')
    for (const { ended } of victims) lines.push(...(await ended))
    kills += victims.length
  }
  const kept = await done
  t.same(
    kept.map((each) => each.filter((line) => line === 'once').length),
    [300, 300],
  )
  t.notOk([...lines, ...kept.flat()].includes('TWO'), `${String(kills)} were killed`)
  await withLock(dir, () => undefined, 0)
  t.equal(existsSync(join(dir, 'lock')), false)
})

t.test('a stopped holder keeps its lock; killed, it loses the lock to the next caller', async (t) => {
  const dir = t.testdir()
  const holder = start(t, dir, 1e6)
  // Stopped inside, so it no longer renews the lock.
  const isInside = (): boolean => existsSync(join(dir, 'inside')) && readdirSync(join(dir, 'lock')).length > 0
  for (;;) {
    await once(holder.child.stdout, 'data')
    holder.child.kill('SIGSTOP')
    await setTimeout(20)
    if (isInside()) break
    holder.child.kill('SIGCONT')
  }
  const { pid } = holder.child
  await t.rejects(
    withLock(dir, () => t.fail(), 20),
    {
      code: CniCode.TryAgainLater,
      details: new RegExp(`held by process ${String(pid)}, which still runs`),
    },
  )
  holder.child.kill('SIGKILL')
  await holder.ended
  t.equal(await withLock(dir, () => 'mine', 0), 'mine')
})
