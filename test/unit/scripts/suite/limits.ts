// Only the suite limits time (test/README.md): a busy machine would exceed a file's own limit first.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const TESTS = join(import.meta.dirname, '../../..')

t.test('no test sets a limit for its file', async (t) => {
  const files = readdirSync(TESTS, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  )
  t.ok(files.length > 100, 'the tests are found')
  t.same(
    files.filter((name) => /^\s*t\.setTimeout\(/m.test(readFileSync(join(TESTS, name), 'utf8'))),
    [],
  )
})
