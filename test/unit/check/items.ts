// What holds for every item.

import t from 'tap'
import { GROUPS, groupOf } from '../../../src/check/item.ts'
import { ITEMS } from '../../../src/check/items.ts'
import { GATHERERS } from '../../../src/diagnose/gatherers.ts'

const ids = ITEMS.map(({ id }) => id)

t.test('ids are unique, well formed and in order within their group', async (t) => {
  t.same(ids, [...new Set(ids)], 'unique')
  for (const id of ids) t.match(id, /^[A-Z]+-\d{3}$/)
  const inOrder = ids.toSorted(
    (a, b) => GROUPS.indexOf(groupOf(a)) - GROUPS.indexOf(groupOf(b)) || (a < b ? -1 : 1),
  )
  t.same(ids, inOrder)
})

t.test('every headline names the fault, not the good case', async (t) => {
  for (const { id, title, fault } of ITEMS) {
    t.not(fault, title, id)
    t.notMatch(fault, /^(?!Windows|Nebula|WSL)[A-Z][a-z]|[.]$|^not so/, `${id}: ${fault}`)
    t.match(fault, /^[\x20-\x7e]{5,72}$/, `${id}: fits on a line after the id`)
  }
  const faults = ITEMS.map(({ fault }) => fault)
  const twice = faults.filter((fault, index) => faults.indexOf(fault) !== index)
  t.same(twice, ["peer's certificate is refused"], 'the files show it as well as the agent')
})

t.test('every text is there', async (t) => {
  for (const { id, title, why, causes, steps } of ITEMS) {
    t.notMatch(
      title,
      /^(?!Windows|Nebula)[A-Z][a-z]|\.$/,
      `${id}: a title fits on a line, without capital and full stop`,
    )
    t.match(why, /^[A-Z].*[.]$/s, `${id}: says why in a sentence`)
    t.ok(causes.length > 0 && steps.length > 0, `${id}: causes and steps`)
    for (const text of [title, why, ...causes, ...steps]) t.match(text, /^[\x20-\x7e]+$/, `${id}: ${text}`)
  }
})

t.test('`after` names existing items, without a circle', async (t) => {
  const above = (id: string, path: readonly string[] = []): void => {
    t.notOk(path.includes(id), `circle: ${[...path, id].join(' after ')}`)
    if (path.includes(id)) return
    const item = ITEMS.find((each) => each.id === id)
    t.ok(item, `${path.at(-1) ?? ''} comes after ${id}`)
    for (const next of item?.after ?? []) above(next, [...path, id])
  }
  for (const id of ids) above(id)
})

t.test('every fact that an item needs has its gatherer', async (t) => {
  for (const { id, needs } of ITEMS)
    for (const member of needs) t.ok(Object.hasOwn(GATHERERS, member), `${id}: ${member}`)
})
