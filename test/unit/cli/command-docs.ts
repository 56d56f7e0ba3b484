// The docs match the table of commands.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { commandPage } from '../../../src/cli/pages/command-page.ts'
import { PROGRAM } from '../../../src/cli/commands.ts'
import { manualPages } from '../../../src/cli/pages/man.ts'

const DOCS = join(import.meta.dirname, '../../../docs')
const REMEDY = 'node scripts/command-docs.ts writes it again'

t.test('the manual pages match the table', async (t) => {
  const pages = manualPages(PROGRAM)
  t.same(readdirSync(join(DOCS, 'man')).toSorted(), pages.map(({ file }) => file).toSorted(), REMEDY)
  for (const { file, text } of pages)
    t.equal(readFileSync(join(DOCS, 'man', file), 'utf8'), text, `${file}: ${REMEDY}`)
})

t.test('the page about the commands matches the table', async (t) => {
  t.equal(readFileSync(join(DOCS, 'commands.md'), 'utf8'), commandPage(PROGRAM), REMEDY)
})

t.test('a page is complete and has no line that roff takes for a request', async (t) => {
  const text = manualPages(PROGRAM).find(({ file }) => file === 'flatnet-cni-path.8')?.text ?? ''
  for (const part of [
    '.TH FLATNET\\-CNI\\-PATH 8',
    '.SH SYNOPSIS',
    '\\-\\-history',
    '.SH EXAMPLES',
    '.SH EXIT STATUS',
  ])
    t.match(text, part)
  for (const { file, text: page } of manualPages(PROGRAM))
    for (const line of page.split('\n'))
      if (/^[.']/.test(line)) t.match(line, /^\.(TH|SH|PP|TP|B|br)( |$)/, `${file}: ${line}`)
})
