import t from 'tap'

import { shared } from '../../../../src/agent/http/share-recent.ts'

t.test('calls during the work, or shortly after it, share its answer', async (t) => {
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
  t.equal(await ask(), 1, 'within a second')
  now = 6001
  const later = ask()
  finish(2)
  t.equal(await later, 2)
  t.equal(calls, 2)
})

t.test('a failure reaches all who waited, and the next call tries again', async (t) => {
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
