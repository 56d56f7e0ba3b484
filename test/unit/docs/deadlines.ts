// docs/deadlines.md lists every length of time in the parts of src that have effects.

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const ROOT = join(import.meta.dirname, '../../..')
const page = readFileSync(join(ROOT, 'docs/deadlines.md'), 'utf8')
const [, table = '', others = ''] = page.split(/^## /m)
const rows = table
  .split('\n')
  .filter((line) => line.startsWith('| `') || /^\| \w/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
const namesIn = (text: string): readonly string[] => text.match(/[A-Z][A-Z_]*_(MS|SECONDS)/g) ?? []

// In the pure layers, lengths of time are data.
const files = globSync('src/{exec,api,agent,state,host,diagnose,cli}/**/*.ts', { cwd: ROOT })
const found = files.flatMap((file) =>
  [...readFileSync(join(ROOT, file), 'utf8').matchAll(/^(?:export )?const ([A-Z_]+_(?:MS|SECONDS))\b/gm)].map(
    ([, name = '']) => ({ file, name }),
  ),
)

t.test('every length of time is listed, limits with their file', async (t) => {
  t.ok(found.length > 40, 'the constants are found')
  const isListed = ({ file, name }: { file: string; name: string }): boolean =>
    namesIn(others).includes(name) ||
    rows.some(([, what = '', where = '']) => namesIn(what).includes(name) && where.includes(file))
  const missing = found.filter((each) => !isListed(each)).map(({ file, name }) => `${name} of ${file}`)
  t.same(missing, [])
})

t.test('every file and name in the table exists', async (t) => {
  for (const [, what = '', where = ''] of rows.slice(1)) {
    const file = where.replaceAll('`', '')
    const text = readFileSync(join(ROOT, file), 'utf8')
    for (const name of namesIn(what)) t.match(text, new RegExp(`const ${name}\\b`), `${name} of ${file}`)
  }
})
