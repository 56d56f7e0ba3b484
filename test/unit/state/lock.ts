import { existsSync, mkdirSync, rmdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { CniCode, CniError } from '../../../src/cni/error.ts'
import { withLock, withLockUnlessFull } from '../../../src/state/lock.ts'

t.test('one action runs at a time, the others wait', async (t) => {
  const dir = t.testdir()
  let running = 0
  const results = await Promise.all(
    Array.from({ length: 8 }, (_, i) =>
      withLock(dir, async () => {
        t.equal(++running, 1)
        await setTimeout(2)
        running -= 1
        return i
      }),
    ),
  )
  t.same(results, [0, 1, 2, 3, 4, 5, 6, 7])
  t.equal(existsSync(join(dir, 'lock')), false)
})

t.test('the lock is given back when the action fails', async (t) => {
  const dir = t.testdir()
  await t.rejects(
    withLock(dir, () => Promise.reject(new Error('broken'))),
    { message: 'broken' },
  )
  t.equal(await withLock(dir, () => 'next'), 'next')
})

t.test('a lock that stays taken is named with its age', async (t) => {
  const dir = t.testdir({ lock: {} })
  await t.rejects(
    withLock(dir, () => t.fail(), 2),
    {
      code: CniCode.TryAgainLater,
      message: 'state directory is locked',
      details: new RegExp(`^${dir}/lock is held by another process and was renewed \\d s ago; try again`),
    },
  )
})

t.test('the lock of a process that was killed is broken once it is stale', async (t) => {
  const dir = t.testdir({ lock: {} })
  const long = new Date(Date.now() - 60_000)
  utimesSync(join(dir, 'lock'), long, long)
  t.equal(await withLock(dir, () => 'mine', 0), 'mine')
})

t.test('whoever loses the lock is told, and fails neither then nor when giving it back', async (t) => {
  const dir = t.testdir()
  const aborted = await withLock(dir, async (signal) => {
    rmdirSync(join(dir, 'lock'))
    await setTimeout(10_000, undefined, { signal }).catch(() => undefined)
    mkdirSync(join(dir, 'lock'))
    return signal.aborted
  })
  t.equal(aborted, true)
  t.equal(existsSync(join(dir, 'lock')), true, 'another’s lock stays')
})

t.test('a folder that is not there is an I/O failure that names the lock', async (t) => {
  const dir = join(t.testdir(), 'none')
  await t.rejects(
    withLock(dir, () => t.fail(), 0),
    { code: CniCode.IoFailure, details: new RegExp(`^${dir}/lock: ENOENT`) },
  )
})

t.test('what only removes does without the lock on a full disk, and for no other reason', async (t) => {
  const dir = t.testdir({ file: '' })
  await t.rejects(
    withLockUnlessFull(join(dir, 'file'), () => t.fail()),
    { code: CniCode.IoFailure, details: /ENOTDIR/ },
  )
  const full = new CniError(CniCode.IoFailure, 'full', '', {
    cause: Object.assign(new Error(), { code: 'ENOSPC' }),
  })
  let runs = 0
  const failing = withLockUnlessFull(dir, () => {
    runs += 1
    throw full
  })
  await t.rejects(failing, { message: 'full' })
  t.equal(runs, 1, 'what fails under the lock is not done again without it')
})
