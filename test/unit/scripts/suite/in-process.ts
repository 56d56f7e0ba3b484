// Files that share a process run as if each were alone.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { countTap } from '../../../../scripts/suite/count.ts'
import { costsWithin } from '../../../../scripts/suite/costs.ts'

const PROGRAM = join(import.meta.dirname, '../../../../scripts/suite/in-process.ts')

function runTogether(
  cwd: string,
  files: readonly string[],
): { readonly tap: string; readonly code: number | null } {
  const { TAP_CHILD_ID: _, ...env } = process.env
  const { stdout, status } = spawnSync(process.execPath, [PROGRAM, ...files], { cwd, env, encoding: 'utf8' })
  return { tap: stdout, code: status }
}

t.test('every file has its own `t`, and the next one runs whatever its result', (t) => {
  // Inside the checkout, where `tap` is found.
  const folder = t.testdir({
    'good.ts': `import t from 'tap'
t.teardown(() => t.comment('good is over'))
t.test('a', async (t) => { t.pass('x') })
t.test('b', async (t) => { t.pass('y') })`,
    'bad.ts': `import t from 'tap'\nt.test('a', async (t) => { t.equal(1, 2, 'one is two') })`,
    'broken.ts': `import t from 'tap'\nthrow new Error('does not load')`,
    'skipped.ts': `import t from 'tap'\nt.test('a', { skip: 'needs root' }, async () => {})`,
    'last.ts': `import t from 'tap'\nt.pass('z')`,
  })
  const { tap, code } = runTogether(folder, ['good.ts', 'bad.ts', 'broken.ts', 'skipped.ts', 'last.ts'])
  t.equal(code, 1)
  const { notes, ...count } = countTap(tap)
  t.same(count, { passed: 3, failed: 2, skipped: 1 })
  t.match(notes.join('\n'), /one is two[^]*does not load/)
  t.ok(tap.indexOf('good is over') < tap.indexOf('Subtest: bad.ts'), 'a file is cleaned up before the next')
  t.same(
    costsWithin(tap).map(({ name }) => name),
    ['good.ts', 'bad.ts', 'broken.ts', 'skipped.ts', 'last.ts'],
  )
  t.end()
})

t.test('passing files exit with 0', (t) => {
  const folder = t.testdir({ 'one.ts': `import t from 'tap'\nt.pass('z')` })
  t.equal(runTogether(folder, ['one.ts']).code, 0)
  t.end()
})
