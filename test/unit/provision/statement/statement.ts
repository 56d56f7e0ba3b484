import t from 'tap'
import { isNewer, nextSequence, slotOf } from '../../../../src/provision/statement/statement.ts'
import { P256, revocation } from '../../../fixtures/office/statements.ts'

t.test('the higher sequence replaces the lower, and never the other way', async (t) => {
  const [older, newer] = [revocation({ sequence: 1 }), revocation({ sequence: 2 })]
  t.ok(isNewer(newer, older))
  t.notOk(isNewer(older, newer))
  t.notOk(isNewer(newer, newer), 'the same one is nothing new')
})

t.test('of two with one sequence every host keeps the same', async (t) => {
  const [one, other] = [revocation({ sequence: 1 }), revocation({ sequence: 1, revoked: [] })]
  t.not(isNewer(one, other), isNewer(other, one))
})

t.test('statements of two CAs do not replace each other', async (t) => {
  t.not(slotOf(revocation().statement), slotOf(revocation({}, P256).statement))
})

t.test('a sequence follows the clock, and never falls behind what was used', async (t) => {
  t.equal(nextSequence(0, 1000), 1000)
  t.equal(nextSequence(1000, 1000), 1001)
  t.equal(nextSequence(5000, 1000), 5001, 'the clock was ahead once')
})
