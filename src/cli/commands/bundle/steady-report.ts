// Reduces a check's report to what stays the same from one run to the next while nothing has changed.

import type { Report, ReportedFinding } from '../../../check/report.ts'

/**
 * Returns the report. Findings that are ok lose their times, durations and free space; others keep
 * all figures.
 */
export function steadyReport(report: Report): object {
  const { at: _, durationMs: __, items, ...rest } = report
  return { ...rest, items: items.map((item) => ({ ...item, findings: item.findings.map(steady) })) }
}

const MOMENT = /\d{4}-\d\d-\d\dT[\d:.]+Z/g
const MEASURE = /\d[\d.]*(?= ?(?:ms|s|seconds|minutes?|hours?|[KMG]i?B|inodes)\b| of \d)/g

function steady(finding: ReportedFinding): ReportedFinding {
  if (finding.verdict !== 'ok' && finding.verdict !== 'skip') return finding
  return { ...finding, seen: finding.seen.replaceAll(MOMENT, '#').replaceAll(MEASURE, '#') }
}
