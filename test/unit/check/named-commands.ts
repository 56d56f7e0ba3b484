// Commands that reports and pages tell users to type exist.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { COMMANDS } from '../../../src/cli/commands.ts'

const ROOT = join(import.meta.dirname, '../../..')
const ITEMS = join(ROOT, 'src/check/items')
// Words that may follow the program's name in a sentence.
const PROSE = new Set([
  'accepts',
  'again',
  'can',
  'comes',
  'in',
  'is',
  'makes',
  'refuses',
  'replaced',
  'runs',
  'stands',
  'than',
  'that',
  'to',
  'was',
  'would',
  'writes',
])

const files = [
  ...readdirSync(ITEMS, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(ITEMS, name)),
  ...['troubleshooting.md', 'troubleshooting.ja.md', 'windows.md', 'windows.ja.md'].map((name) =>
    join(ROOT, 'docs', name),
  ),
]

t.test('every flatnet-cni command that checks and pages name exists', async (t) => {
  const commands = new Set(COMMANDS.map(({ name }) => name))
  for (const path of files) {
    for (const [, word = ''] of readFileSync(path, 'utf8').matchAll(
      /(?<!--driver )flatnet-cni ([a-z][a-z-]*)/g,
    ))
      t.ok(commands.has(word) || PROSE.has(word), `${path}: flatnet-cni ${word}`)
  }
})
