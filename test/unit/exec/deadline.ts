// Deadlines, on a clock that the test advances.

import t from 'tap'
import { startDeadline, type Timers } from '../../../src/exec/deadline.ts'

/** Timers that fire when the test says so; `rang` counts them, `asked` lists their lengths. */
function timers(): { readonly on: Timers; readonly ring: () => boolean; readonly asked: readonly number[] } {
  const asked: number[] = []
  let next: (() => void) | undefined
  return {
    asked,
    on: {
      after: (ms, action) => {
        asked.push(ms)
        next = action
        return () => (next = undefined)
      },
    },
    ring: () => {
      const action = next
      next = undefined
      action?.()
      return action !== undefined
    },
  }
}

t.test('a deadline passes after all of its ticks', async (t) => {
  for (const ms of [1, 7, 100, 700, 10_000]) {
    const clock = timers()
    let isOver = false
    startDeadline(ms, () => (isOver = true), clock.on)
    while (clock.ring());
    t.ok(isOver, `${String(ms)} ms`)
    t.equal(Math.round(clock.asked.reduce((sum, tick) => sum + tick, 0)), ms)
  }
})

t.test('a late tick counts only its intended length', async (t) => {
  const clock = timers()
  let isOver = false
  startDeadline(1000, () => (isOver = true), clock.on)
  // Each of these ticks may have been a second late: to a stopped process they are one.
  for (let rings = 0; rings < 10; rings++) clock.ring()
  t.notOk(isOver, 'ten late ticks do not add up to a thousand milliseconds')
})

t.test('a cancelled deadline never fires', async (t) => {
  const clock = timers()
  const deadline = startDeadline(100, () => t.fail('it was called off'), clock.on)
  clock.ring()
  deadline.clear()
  t.notOk(clock.ring())
})

t.test('after a stop a process reads what has arrived before its deadline passes', async (t) => {
  let isOver = false
  const { clear } = startDeadline(200, () => (isOver = true))
  const answer = new Promise((resolve) => setTimeout(resolve, 10, 'there'))
  const until = performance.now() + 400
  while (performance.now() < until);
  t.equal(await answer, 'there')
  t.notOk(isOver)
  clear()
})
