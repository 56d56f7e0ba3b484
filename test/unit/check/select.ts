import t from 'tap'
import type { CheckItem } from '../../../src/check/item.ts'
import { findItem, type Selection, selectItems } from '../../../src/check/select.ts'

const ITEMS = ['SYS-001', 'SYS-002', 'CERT-003', 'PATH-001'].map((id): CheckItem => ({
  id,
  title: 'right',
  fault: 'wrong',
  why: 'It matters.',
  causes: ['c'],
  steps: ['s'],
  needs: [],
  pre: id === 'SYS-002',
  judge: () => [],
}))

const ids = (selection: Selection): readonly string[] => selectItems(ITEMS, selection).map(({ id }) => id)

t.test('everything, groups, IDs, exceptions, and what can be checked before installation', async (t) => {
  t.same(ids({}), ['SYS-001', 'SYS-002', 'CERT-003', 'PATH-001'])
  t.same(ids({ groups: ['sys', 'PATH'] }), ['SYS-001', 'SYS-002', 'PATH-001'])
  t.same(ids({ only: ['cert-003'] }), ['CERT-003'])
  t.same(ids({ groups: ['SYS'], skip: ['SYS-001'] }), ['SYS-002'])
  t.same(ids({ pre: true }), ['SYS-002'])
})

t.test('an unknown name is refused with the nearest one', async (t) => {
  t.throws(() => ids({ only: ['CRET-003'] }), {
    message: 'unknown check',
    details: '"CRET-003"; did you mean CERT-003?',
  })
  t.throws(() => ids({ skip: ['CERT-033'] }), { message: /unknown/, details: /did you mean CERT-003/ })
  t.throws(() => ids({ groups: ['CERTS'] }), { message: 'unknown group', details: /did you mean CERT/ })
  t.throws(() => ids({ groups: ['nonsense'] }), { message: /unknown/, details: /known: SYS, WSL, CERT/ })
  t.throws(() => findItem(ITEMS, ''), { message: /unknown/, details: /known: SYS-001/ })
})

t.test('items that are always checked stay, and a selection that leaves nothing is refused', async (t) => {
  t.same(ids({ groups: ['SYS'], always: ['PATH-001'] }), ['SYS-001', 'SYS-002', 'PATH-001'])
  t.same(ids({ pre: true, always: ['PATH-001'] }), ['SYS-002', 'PATH-001'])
  t.throws(() => ids({ pre: true, groups: ['PATH'] }), { message: 'no check selected' })
  t.throws(() => ids({ only: ['SYS-001'], skip: ['SYS-001'] }), { message: 'no check selected' })
})

t.test('an item by its ID', async (t) => {
  t.equal(findItem(ITEMS, 'path-001').id, 'PATH-001')
})
