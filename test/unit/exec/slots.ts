import t from 'tap'
import { makeSlots, type Slots } from '../../../src/exec/slots.ts'

/** Starts work that lasts until it is ended; `begun` lists names in the order of their starts. */
function workshop(slots: Slots) {
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  const begin = (name: string, isFree = false): Promise<string> =>
    slots.take({
      name,
      isFree,
      start: (signal) =>
        new Promise((resolve, reject) => {
          begun.push(name)
          ends.set(name, () => resolve(name))
          signal.addEventListener('abort', () => reject(signal.reason as Error))
        }),
    })
  return { begun, begin, end: (name: string) => ends.get(name)?.() }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

t.test('a limited number runs at a time, the others in their order', async (t) => {
  const slots = makeSlots(2)
  const { begun, begin, end } = workshop(slots)
  const all = ['a', 'b', 'c', 'd'].map((name) => begin(name))
  await turn()
  t.same(begun, ['a', 'b'])
  t.same(slots.running(), ['a', 'b'])
  end('b')
  await turn()
  t.same(begun, ['a', 'b', 'c'])
  for (const name of ['a', 'c']) end(name)
  await turn()
  end('d')
  t.same(await Promise.all(all), ['a', 'b', 'c', 'd'])
  t.same(slots.running(), [])
})

t.test('work that only waits takes no slot', async (t) => {
  const { begun, begin, end } = workshop(makeSlots(1))
  const all = [begin('a'), begin('waits', true), begin('b')]
  await turn()
  t.same(begun.toSorted(), ['a', 'waits'])
  end('waits')
  await turn()
  t.notOk(begun.includes('b'), 'it returns none either')
  end('a')
  await turn()
  end('b')
  await Promise.all(all)
})

t.test('failed work returns its slot', async (t) => {
  const slots = makeSlots(1)
  const fails = slots.take({ name: 'a', isFree: false, start: () => Promise.reject(new Error('no')) })
  await t.rejects(fails, { message: 'no' })
  t.equal(await slots.take({ name: 'b', isFree: false, start: async () => 'b' }), 'b')
})

t.test('abandoned work ends, queued work never starts, and the slots are free again', async (t) => {
  const slots = makeSlots(1)
  const { begun, begin, end } = workshop(slots)
  const [a, b] = [begin('a'), begin('b')]
  await turn()
  slots.giveUp(new Error('over'))
  await t.rejects(a, { message: 'over' })
  await t.rejects(b, { message: 'over' })
  t.same(begun, ['a'])
  const next = begin('c')
  await turn()
  end('c')
  t.equal(await next, 'c')
})
