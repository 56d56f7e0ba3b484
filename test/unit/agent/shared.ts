import t from 'tap'

import { shared } from '../../../src/agent/shared.ts'

t.test('whoever asks while work is under way, or shortly after it, has the same answer', async (t) => {
  let [now, calls] = [0, 0]
  let finish: (value: number) => void = () => undefined
  const ask = shared(
    () => {
      calls += 1
      return new Promise<number>((resolve) => (finish = resolve))
    },
    () => now,
  )
  const asking = Array.from({ length: 2000 }, ask)
  now = 5000
  asking.push(ask())
  finish(1)
  t.same(new Set(await Promise.all(asking)), new Set([1]))
  t.equal(calls, 1)
  now = 6000
  t.equal(await ask(), 1, 'a second is not over')
  now = 6001
  const later = ask()
  finish(2)
  t.equal(await later, 2)
  t.equal(calls, 2)
})

t.test('what has failed is told to those who waited, and tried again by the next', async (t) => {
  let calls = 0
  const ask = shared(async () => {
    calls += 1
    await Promise.resolve()
    if (calls === 1) throw new Error('once')
    return calls
  })
  const [first, second] = [ask(), ask()]
  await t.rejects(first, { message: 'once' })
  await t.rejects(second, { message: 'once' })
  t.equal(await ask(), 2)
})
