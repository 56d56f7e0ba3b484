import fc from 'fast-check'
import t from 'tap'

import { accept, learn, newOrder, type NoticeOrder } from '../../../../src/paths/probe/order.ts'
import { holdsForAll } from '../../nebula/fixtures/property.ts'

function learnt(session = 'one'): NoticeOrder {
  const order = newOrder()
  learn(order, session)
  return order
}

// incoming numbers in order, and what is done with each
const cases: readonly (readonly [string, readonly (readonly [number, string])[]])[] = [
  [
    'each message is accepted once',
    [
      [1, 'new'],
      [1, 'seen'],
      [2, 'new'],
      [1, 'seen'],
      [2, 'seen'],
    ],
  ],
  [
    'messages are reordered by less than 64',
    [
      [100, 'new'],
      [37, 'new'],
      [36, 'seen'],
      [37, 'seen'],
      [99, 'new'],
    ],
  ],
  [
    'numbers with the same remainder are not confused',
    [
      [5, 'new'],
      [69, 'new'],
      [5, 'seen'],
      [69, 'seen'],
      [133, 'new'],
      [69, 'seen'],
    ],
  ],
  [
    'after a gap, nothing from before it is accepted',
    [
      [1, 'new'],
      [4_294_967_295, 'new'],
      [2, 'seen'],
      [4_294_967_295, 'seen'],
    ],
  ],
  ['numbers are counted from 1', [[0, 'seen']]],
]
for (const [says, steps] of cases) {
  t.test(says, async (t) => {
    const order = learnt()
    for (const [sequence, verdict] of steps)
      t.equal(accept(order, 'one', sequence), verdict, String(sequence))
  })
}

t.test('nothing is accepted from a run that has not answered us', async (t) => {
  const order = newOrder()
  t.equal(accept(order, 'one', 1), 'foreign')
  t.equal(learn(order, 'one'), 'new')
  t.equal(accept(order, 'one', 1), 'new')
  t.equal(accept(order, 'two', 2), 'foreign')
})

t.test('a new run starts its numbers again, and those of the previous run no longer count', async (t) => {
  const order = learnt()
  accept(order, 'one', 500)
  t.equal(learn(order, 'one'), 'same')
  t.equal(accept(order, 'one', 500), 'seen', 'a further answer of the same run changes nothing')
  t.equal(learn(order, 'two'), 'new')
  t.equal(accept(order, 'two', 1), 'new')
  t.equal(accept(order, 'one', 501), 'foreign')
})

t.test('a late answer of an earlier run does not bring that run back', async (t) => {
  const order = learnt()
  learn(order, 'two')
  t.equal(learn(order, 'one'), 'past')
  t.equal(order.session, 'two')
  t.equal(accept(order, 'two', 1), 'new')
})

t.test('an agent that keeps restarting does not fill the memory', async (t) => {
  const order = learnt()
  for (let run = 0; run < 1000; run++) t.equal(learn(order, `run ${String(run)}`), 'new')
  t.ok(order.past.length < 20)
})

t.test('no number is accepted twice, in any order of arrival', (t) => {
  holdsForAll(t, fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 600 }), (numbers) => {
    const order = learnt()
    const taken = numbers.filter((sequence) => accept(order, 'one', sequence) === 'new')
    if (new Set(taken).size !== taken.length) throw new Error('taken twice')
  })
  t.end()
})
