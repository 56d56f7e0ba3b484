import t from 'tap'
import type { TransitionView } from '../../../src/views/paths.ts'
import { mergeHistories } from '../../../src/views/transition-order.ts'

const at = (peer: string, epoch: number, time: string): TransitionView => ({
  at: `2030-05-${time}:00.000Z`,
  peer,
  from: 'GATEWAY_ONLY',
  to: 'P2P_ATTEMPTING',
  reason: 'attempt',
  detail: '',
  epoch,
})
const order = (...histories: TransitionView[][]): string =>
  mergeHistories(histories)
    .map(({ peer, epoch }) => `${peer}${String(epoch)}`)
    .join(' ')

t.test('transitions of several peers are sorted by time', async (t) => {
  const b = [at('b', 1, '01T08:00'), at('b', 2, '01T08:05')]
  t.equal(order(b, [at('c', 1, '01T08:02'), at('c', 2, '01T08:09')]), 'b1 c1 b2 c2')
  t.equal(order(), '')
})

t.test('a clock set back does not reverse a history', async (t) => {
  const b = [at('b', 1, '02T08:00'), at('b', 2, '01T08:01'), at('b', 3, '01T08:02')]
  t.equal(order(b), 'b1 b2 b3')
  t.equal(order(b, [at('c', 1, '01T07:00'), at('c', 2, '02T09:00')]), 'c1 b1 b2 b3 c2')
})
