import fc from 'fast-check'
import t from 'tap'

import { countFlow, type FlowPacket } from '../../../../src/agent/drill/drill-flow.ts'

const EVERY = 20
/** Returns a packet every 20 ms from 0 on; `x` is one without an answer. */
const flow = (fates: string): ReadonlyMap<string, FlowPacket> =>
  new Map(
    fates.split('').map((fate, index) => {
      const sentAt = index * EVERY
      return [String(index), { sentAt, backAt: fate === 'x' ? undefined : sentAt + 1 }]
    }),
  )

t.test('the figures of a flow', (t) => {
  const cases: readonly (readonly [fates: string, sent: number, lost: number, gap: number])[] = [
    ['', 0, 0, 0],
    ['.....', 5, 0, 0],
    ['..x..', 5, 1, 20],
    ['..xxx..', 7, 3, 60],
    ['x.xx.x.', 7, 4, 40],
    ['..xx', 4, 2, 20],
  ]
  for (const [fates, sent, lost, longestGapMs] of cases)
    t.same(countFlow(flow(fates), 0, 10_000), { sent, lost, longestGapMs }, fates)
  t.end()
})

t.test('packets under way are not lost, and earlier ones do not count', (t) => {
  t.same(countFlow(flow('xxxx'), 0, 60 + 249), { sent: 3, lost: 3, longestGapMs: 40 })
  t.same(countFlow(flow('xx..x.'), 40, 10_000), { sent: 4, lost: 1, longestGapMs: 20 })
  t.end()
})

t.test('the outage is the longest run of lost packets', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('.', 'x'), maxLength: 200 }), (fates) => {
      const whole = `${fates}.`
      const longest = Math.max(...whole.split('.').map(({ length }) => length))
      return countFlow(flow(whole), 0, 1e6).longestGapMs === longest * EVERY
    }),
  )
  t.end()
})
