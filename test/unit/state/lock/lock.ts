import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { waitUntil } from '../../../../scripts/lab/run.ts'
import { CniCode, CniError } from '../../../../src/cni/error.ts'
import { withLock, withLockUnlessFull } from '../../../../src/state/lock/lock.ts'

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

t.test('a process that waits long behind one holder gets the lock after it', async (t) => {
  const dir = t.testdir()
  const order: string[] = []
  const { next } = await withLock(dir, async () => {
    const next = withLock(dir, () => order.push('waited'))
    // Usually long enough for the waiting one to load proper-lockfile.
    await setTimeout(800)
    order.push('held')
    return { next }
  })
  await next
  t.same(order, ['held', 'waited'])
  t.equal(existsSync(join(dir, 'lock')), false)
})

t.test('the lock is released when the action fails', async (t) => {
  const dir = t.testdir()
  await t.rejects(
    withLock(dir, () => Promise.reject(new Error('broken'))),
    { message: 'broken' },
  )
  t.equal(await withLock(dir, () => 'next'), 'next')
})

t.test("a running holder's lock is never taken, however old it is", async (t) => {
  const dir = t.testdir()
  await withLock(dir, async () => {
    const [entry = ''] = readdirSync(join(dir, 'lock'))
    utimesSync(join(dir, 'lock', entry), 1, 1)
    await t.rejects(
      withLock(dir, () => t.fail(), 2),
      {
        code: CniCode.TryAgainLater,
        message: 'state directory is locked',
        details: new RegExp(
          `^${dir}/lock is held by process ${String(process.pid)}, which still runs; try again, or`,
        ),
      },
    )
  })
  t.equal(existsSync(join(dir, 'lock')), false)
})

t.test('the lock of a dead process causes no wait', async (t) => {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().replaceAll('-', '')
  const [namespace = ''] = /\d+/.exec(readlinkSync('/proc/self/ns/pid')) ?? []
  const stat = readFileSync('/proc/self/stat', 'utf8')
  const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  const pid = String(process.pid)
  for (const [name, entry] of [
    ['of an earlier process with the same ID', `${pid}-1-${namespace}-${boot}-1`],
    ['of a process ID that is not in use', `4194304-1-${namespace}-${boot}-1`],
    ['of an earlier boot', `${pid}-${startTime}-${namespace}-${boot.replace(/./g, '0')}-1`],
  ] as const) {
    const dir = t.testdir({ lock: { [entry]: '' } })
    t.equal(await withLock(dir, () => 'mine', 0), 'mine', name)
  }
  for (const [name, entry] of [
    ['of a running process', `${pid}-${startTime}-${namespace}-${boot}-1`],
    ['of another PID namespace', `4194304-1-1-${boot}-1`],
    ['that is invalid', 'x'],
  ] as const) {
    const dir = t.testdir({ lock: { [entry]: '' } })
    await t.rejects(
      withLock(dir, () => 'mine', 1),
      { code: CniCode.TryAgainLater },
      name,
    )
    t.same(readdirSync(join(dir, 'lock')), [entry])
  }
})

t.test('an empty folder is a free lock: a call killed during release leaves one', async (t) => {
  const dir = t.testdir({ lock: {} })
  t.equal(await withLock(dir, () => 'mine', 0), 'mine')
  t.equal(existsSync(join(dir, 'lock')), false)
})

t.test('a holder that loses the lock is told, and neither that nor the release fails', async (t) => {
  const dir = t.testdir()
  const told = await withLock(dir, async (isLost) => {
    rmSync(join(dir, 'lock'), { recursive: true })
    await waitUntil('the loss to be noticed', 10_000, async () => isLost())
    mkdirSync(join(dir, 'lock'))
    writeFileSync(join(dir, 'lock/other'), '')
    return isLost()
  })
  t.equal(told, true)
  t.same(readdirSync(join(dir, 'lock')), ['other'], 'another’s lock stays')
})

t.test('a missing folder is an I/O failure that names the lock', async (t) => {
  const dir = join(t.testdir(), 'none')
  await t.rejects(
    withLock(dir, () => t.fail(), 0),
    { code: CniCode.IoFailure, details: new RegExp(`^${dir}/lock: ENOENT`) },
  )
})

t.test('on a full disk removals do without the lock, for no other reason', async (t) => {
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
  t.equal(runs, 1, 'an action that fails under the lock is not repeated without it')
})
