import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { watchLock } from '../../../src/diagnose/lock-watch.ts'
import { ownMark } from '../../../src/state/lock/process-mark.ts'

const DAY = 86_400

/** Makes a lock that this process holds, renewed this many seconds from now by its file's clock. */
function held(t: Test, inSeconds: number): { path: string; renew: () => void } {
  const path = join(t.testdir(), 'lock')
  mkdirSync(path)
  const entry = join(path, `${ownMark()}-1`)
  writeFileSync(entry, '')
  let serial = 0
  const renew = (): void => {
    const at = Date.now() / 1000 + inSeconds + serial++
    utimesSync(entry, at, at)
  }
  renew()
  return { path, renew }
}

t.test('a lock at work is seen immediately', async (t) => {
  t.match(await watchLock(held(t, 0).path), { pid: process.pid, fate: 'runs', ageSeconds: 0 })
  t.equal(await watchLock(join(t.testdir(), 'none')), undefined)
})

for (const [name, inSeconds] of [
  ['forward', -DAY],
  ['back', DAY],
] as const) {
  t.test(`a clock that was set ${name} by a day does not make a holder look hung`, async (t) => {
    const { path, renew } = held(t, inSeconds)
    const timer = setInterval(renew, 200)
    t.teardown(() => clearInterval(timer))
    // Lasts until the lock is renewed.
    t.match(await watchLock(path, 60_000), { ageSeconds: 0 })
  })

  t.test(`a hung holder is found after the clock was set ${name} by a day`, async (t) => {
    const seen = await watchLock(held(t, inSeconds).path, 1000)
    t.ok((seen?.ageSeconds ?? 0) >= 1, String(seen?.ageSeconds))
  })
}
