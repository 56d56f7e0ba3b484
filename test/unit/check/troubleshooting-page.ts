// docs/troubleshooting.md and its Japanese twin name every check of the groups that they have a section for.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { groupOf } from '../../../src/check/item.ts'
import { ITEMS } from '../../../src/check/items.ts'

const DOCS = join(import.meta.dirname, '../../../docs')

for (const page of ['troubleshooting.md', 'troubleshooting.ja.md']) {
  t.test(`${page} is in step with the checks`, async (t) => {
    const text = readFileSync(join(DOCS, page), 'utf8')
    const sections = new Set([...text.matchAll(/^## ([A-Z]+):/gm)].map(([, group]) => group ?? ''))
    t.ok(sections.size > 0)
    const rows = [...text.matchAll(/^\| ([A-Z]+-\d{3}) \|/gm)].map(([, id]) => id ?? '')
    const ids = ITEMS.map(({ id }) => id).filter((id) => sections.has(groupOf(id)))
    t.same(rows.toSorted(), ids.toSorted(), 'each check once, and none that there is not')
    for (const [, command = ''] of text.matchAll(/`flatnet-cni check ([^`]*)`/g))
      for (const [id] of command.matchAll(/[A-Z]+-\d{3}/g)) t.ok(ids.includes(id), `${id} is explained`)
  })
}

t.test('both pages have the same rows', async (t) => {
  const commandsOf = (page: string): string[] =>
    [...readFileSync(join(DOCS, page), 'utf8').matchAll(/^\| ([A-Z]+-\d{3}) \|[^|]*\| (`[^`]*`) \|/gm)].map(
      ([, id = '', seen = '']) => `${id} ${seen}`,
    )
  t.same(commandsOf('troubleshooting.ja.md'), commandsOf('troubleshooting.md'))
})
