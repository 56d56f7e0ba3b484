import t from 'tap'
import { junitXml } from '../../../src/check/junit.ts'
import type { Report, ReportedFinding, ReportedItem } from '../../../src/check/report.ts'

function item(id: 'SYS-001' | 'CERT-001', findings: readonly ReportedFinding[]): ReportedItem {
  const group = id === 'SYS-001' ? 'SYS' : 'CERT'
  return { id, group, title: 'a & b', fault: 'not a & b', why: 'It matters.', verdict: 'fail', findings }
}

const REPORT: Report = {
  version: 1,
  at: '2026-01-01T00:00:00Z',
  durationMs: 1500,
  host: 'host "a"',
  flatnet: '1',
  exitCode: 2,
  summary: { ok: 1, warn: 1, fail: 1, skip: 1, folded: 0 },
  roots: [],
  items: [
    item('SYS-001', [
      { verdict: 'ok', seen: 'fine' },
      { verdict: 'skip', seen: 'not here' },
    ]),
    item('CERT-001', [
      {
        verdict: 'fail',
        subject: '<peer>',
        fault: 'not a & b',
        seen: 'bad\u0007 "thing"',
        next: ['do <this>'],
        follows: 'SYS-001',
      },
      { verdict: 'warn', fault: 'nearly not', seen: 'odd', next: ['look'] },
    ]),
  ],
}

t.test('a suite for each group, a case for each finding, everything escaped', async (t) => {
  t.equal(
    junitXml(REPORT),
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="flatnet-cni check" time="1.500">
  <testsuite name="SYS" tests="2" failures="0" skipped="1" errors="0" \
timestamp="2026-01-01T00:00:00Z" hostname="host &quot;a&quot;">
    <testcase classname="SYS-001" name="SYS-001 a &amp; b"></testcase>
    <testcase classname="SYS-001" name="SYS-001 a &amp; b"><skipped message="not here"/></testcase>
  </testsuite>
  <testsuite name="CERT" tests="2" failures="1" skipped="0" errors="0" \
timestamp="2026-01-01T00:00:00Z" hostname="host &quot;a&quot;">
    <testcase classname="CERT-001" name="CERT-001 a &amp; b (&lt;peer&gt;)">\
<failure message="not a &amp; b: bad? &quot;thing&quot;">not a &amp; b: bad? &quot;thing&quot;
follows from SYS-001
It matters.
do &lt;this&gt;</failure></testcase>
    <testcase classname="CERT-001" name="CERT-001 a &amp; b"><system-out>nearly not: odd
It matters.
look</system-out></testcase>
  </testsuite>
</testsuites>
`,
  )
})
