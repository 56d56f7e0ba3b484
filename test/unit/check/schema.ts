// Validates real reports against docs/check.schema.json, and shows that the schema notices errors.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import t from 'tap'
import { judgeItem } from '../../../src/check/judge.ts'
import { makeReport } from '../../../src/check/report.ts'
import { diagnose } from '../../../src/diagnose/run.ts'

const path = join(import.meta.dirname, '../../../docs/check.schema.json')
const validate = new Ajv2020({ strict: true, strictRequired: false }).compile(
  JSON.parse(readFileSync(path, 'utf8')) as object,
)

// Printed and read back, as a program would.
const isValid = (report: unknown): boolean => validate(JSON.parse(JSON.stringify(report)))

t.test('a report of this machine, with whatever faults it has', async (t) => {
  const report = await diagnose({ settingsFile: join(t.testdir(), 'none.json') })
  t.ok(isValid(report), JSON.stringify(validate.errors))
})

t.test('findings of every kind', async (t) => {
  const fix = { kind: 'sysctl', arguments: ['a', '1'], what: 'set it', undo: 'set it back' }
  const texts = {
    title: 'right',
    fault: 'wrong',
    why: 'It matters.',
    causes: ['c'],
    steps: ['s'],
    needs: [],
  } as const
  const root = {
    ...texts,
    id: 'SYS-001',
    judge: () => ({ verdict: 'fail', seen: 'x' }) as const,
    fix: () => fix,
  }
  const effect = {
    ...texts,
    id: 'NEB-001',
    after: ['SYS-001'],
    judge: () => ({ verdict: 'warn', seen: 'y', subject: 'z' }) as const,
  }
  const slow = { ...texts, id: 'GW-002', needs: ['links'] as const, judge: () => [] }
  const blind = { ...texts, id: 'GW-001', needs: ['settings'] as const, judge: () => [] }
  const report = makeReport(
    [root, effect, slow, blind].map((item) => judgeItem(item, { links: { late: 'ip' } })),
    {
      at: '2026-01-01T00:00:00Z',
      durationMs: 1,
      host: 'h',
      flatnet: '1',
      strict: false,
      timeoutMs: 10_000,
      waitedFor: ['ip'],
    },
  )
  t.ok(isValid(report), JSON.stringify(validate.errors))
  t.ok(isValid({ ...report, dryRun: true, repairs: [{ ...fix, ids: ['SYS-001'], problem: 'no' }] }))
})

t.test('the schema notices missing keys and wrong types', async (t) => {
  const report = await diagnose({ settingsFile: join(t.testdir(), 'none.json'), only: ['SYS-001'] })
  t.ok(isValid(report))
  t.notOk(isValid({ ...report, version: 2 }))
  t.notOk(isValid({ ...report, exitCode: 5 }))
  t.notOk(isValid({ ...report, roots: ['SYS-1'] }))
  const [item] = report.items
  t.notOk(isValid({ ...report, items: [{ ...item, findings: [] }] }))
  t.notOk(
    isValid({
      ...report,
      items: [{ ...item, findings: [{ verdict: 'fail', fault: 'f', seen: 'no steps' }] }],
    }),
  )
  t.notOk(
    isValid({ ...report, items: [{ ...item, verdict: 'warn', fault: undefined }] }),
    'a warning without its headline',
  )
})
