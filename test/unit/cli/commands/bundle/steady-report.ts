// What remains of a report if nothing has changed.
import t from 'tap'
import type { Report, ReportedFinding } from '../../../../../src/check/report.ts'
import { steadyReport } from '../../../../../src/cli/commands/bundle/steady-report.ts'

function reportOf(at: string, ...findings: ReportedFinding[]): Report {
  const item = { id: 'SYS-001', group: 'SYS', title: 'x', why: 'y', verdict: 'ok', findings } as const
  const summary = { ok: 1, warn: 0, fail: 0, skip: 0, folded: 0 }
  return {
    version: 1,
    at,
    durationMs: at.length,
    host: 'h',
    flatnet: 'f',
    exitCode: 0,
    summary,
    roots: [],
    items: [item],
  }
}

t.test('figures that are measured every time do not count as a change', async (t) => {
  const [one, two] = [
    reportOf('2026-01-01', {
      verdict: 'ok',
      seen:
        '2026-01-01T00:00:01Z, up for 80 minutes, 4 of 262144 entries, 77070 MiB, 16218586 inodes free, ' +
        '0.4 ms',
    }),
    reportOf('2026-01-02', {
      verdict: 'ok',
      seen:
        '2026-01-01T00:00:09Z, up for 81 minutes, 3 of 262144 entries, 77069 MiB, 16218588 inodes free, 12 ' +
        'ms',
    }),
  ]
  t.same(steadyReport(one), steadyReport(two))
})

t.test('versions, addresses and sizes do', async (t) => {
  const seen = 'nebula 1.9.7 at 10.86.1.1/16, MTU 1300, 12 days left'
  t.match(steadyReport(reportOf('', { verdict: 'ok', seen })), { items: [{ findings: [{ seen }] }] })
})

t.test('findings of faults keep their figures', async (t) => {
  const seen = '12 MiB are free, the clock is 40 s late'
  t.match(steadyReport(reportOf('', { verdict: 'fail', seen })), { items: [{ findings: [{ seen }] }] })
})
