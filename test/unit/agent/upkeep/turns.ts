import t from 'tap'

import { makeTurns } from '../../../../src/agent/upkeep/turns.ts'
import { CniCode, CniError } from '../../../../src/cni/error.ts'

const refusal = (details: string): CniError => new CniError(CniCode.IoFailure, 'no disk', details)

t.test('work is done one piece at a time, in order, and a failure does not stop the next', async (t) => {
  const logged: unknown[] = []
  const turns = makeTurns((level, msg, fields) => logged.push([level, msg, fields?.['error']]))
  const done: string[] = []
  const work =
    (name: string, ms: number, fails = false) =>
    async (): Promise<void> => {
      done.push(`${name} begins`)
      await new Promise((resolve) => setTimeout(resolve, ms))
      done.push(`${name} ends`)
      if (fails) throw refusal(name)
    }
  await Promise.all([
    turns.take('a', work('slow', 30)),
    turns.take('b', work('bad', 1, true)),
    turns.take('c', work('quick', 1)),
  ])
  t.same(done, ['slow begins', 'slow ends', 'bad begins', 'bad ends', 'quick begins', 'quick ends'])
  t.same(logged, [['warn', 'b', 'no disk: bad']])
  t.equal(turns.trouble(), 'no disk: bad')
})

t.test('a lasting fault is logged once, and again on request or after a change', async (t) => {
  const logged: unknown[] = []
  const turns = makeTurns((_, msg, fields) => logged.push(`${msg}: ${String(fields?.['error'])}`))
  const fail = (details: string) => (): Promise<void> => Promise.reject(refusal(details))
  for (const details of ['full', 'full', 'gone']) await turns.take('disk', fail(details))
  turns.forget('disk')
  await turns.take('disk', fail('gone'))
  t.same(logged, ['disk: no disk: full', 'disk: no disk: gone', 'disk: no disk: gone'])
  await turns.take('disk', () => Promise.resolve())
  t.equal(turns.trouble(), undefined)
})

t.test('stopping waits for the current work and drops the rest', async (t) => {
  const turns = makeTurns(() => undefined)
  const done: string[] = []
  let finish = (): void => undefined
  void turns.take('first', async () => {
    await new Promise<void>((resolve) => (finish = resolve))
    done.push('first')
  })
  void turns.take('second', () => Promise.resolve(void done.push('second')))
  await new Promise((resolve) => setImmediate(resolve))
  const stopped = turns.stop()
  finish()
  await stopped
  t.same(done, ['first'])
})
