import t from 'tap'

import { makeRouteQueue } from '../../../../src/agent/paths/route-queue.ts'
import { CniCode, CniError } from '../../../../src/cni/error.ts'

t.test('urgent work goes first, one piece at a time', async (t) => {
  const queue = makeRouteQueue(() => t.fail('nothing fails'))
  const done: string[] = []
  const work = (name: string) => async (): Promise<void> => {
    done.push(name)
    await new Promise((resolve) => setTimeout(resolve, 1))
    done.push(`${name}.`)
  }
  const added = [queue.add(work('a')), queue.add(work('b')), queue.addUrgent(work('now'))]
  t.same(done, [], 'no work begins before its caller continues')
  await Promise.all(added)
  t.same(done, ['now', 'now.', 'a', 'a.', 'b', 'b.'])
  await queue.settled()
})

t.test('failed work is reported, and the next continues', async (t) => {
  const failures: string[] = []
  const queue = makeRouteQueue(({ details }) => failures.push(details))
  await queue.add(() =>
    Promise.reject(new CniError(CniCode.CommandRefused, 'ip command refused', 'no route')),
  )
  let isDone = false
  await queue.add(() => Promise.resolve(void (isDone = true)))
  t.same([failures, isDone], [['no route'], true])
})
