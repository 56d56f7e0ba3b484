import { chmodSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Fix } from '../../../src/check/item.ts'
import type { Report } from '../../../src/check/report.ts'
import { applyFixes } from '../../../src/diagnose/fix/apply.ts'

function reportWith(...fixes: readonly (readonly [id: string, fix: Fix])[]): Report {
  const items = fixes.map(([id, fix]) => ({ id, findings: [{ verdict: 'fail', seen: 'x', fix }] }))
  return { items } as unknown as Report
}

const mode = (path: string): Fix => ({
  kind: 'mode',
  arguments: [path, '600'],
  what: 'close it',
  undo: 'open it',
})

t.test('each repair is made once for all its items; a failure does not stop others', async (t) => {
  const file = join(t.testdir(), 'key')
  writeFileSync(file, '')
  chmodSync(file, 0o644)
  const report = reportWith(
    ['CERT-009', mode('/no/such/file')],
    ['CERT-009', mode(file)],
    ['SYS-001', mode(file)],
  )

  t.match(await applyFixes(report, true), [{ problem: undefined }, { ids: ['CERT-009', 'SYS-001'] }])
  t.equal(statSync(file).mode & 0o777, 0o644, 'a dry run changes nothing')

  const [failed, done] = await applyFixes(report, false)
  t.match(failed, { problem: /ENOENT.*no\/such\/file/ })
  t.match(done, { ids: ['CERT-009', 'SYS-001'], undo: 'open it', problem: undefined })
  t.equal(statSync(file).mode & 0o777, 0o600)
})
