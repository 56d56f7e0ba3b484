import { mock } from 'node:test'
import t from 'tap'
import { throttle } from '../../../../src/agent/upkeep/throttle.ts'

t.test('once at once, and once for all that comes within the interval', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  let count = 0
  const call = throttle(1000, () => {
    count += 1
  })
  call()
  t.equal(count, 1, 'at once')
  call()
  call()
  mock.timers.tick(999)
  t.equal(count, 1)
  mock.timers.tick(1)
  t.equal(count, 2, 'both calls at the end of the interval')
  call()
  mock.timers.tick(999)
  t.equal(count, 2, 'which begins again')
  mock.timers.tick(1)
  t.equal(count, 3)
  mock.timers.tick(5000)
  t.equal(count, 3, 'nothing without a call')
  call()
  t.equal(count, 4, 'at once after a pause')
})
