// Renders a report as JUnit XML, which CI servers read: one suite per group, one case per finding.

import { GROUPS } from './item.ts'
import type { Report, ReportedFinding, ReportedItem } from './report.ts'

/** Returns the whole document. Warnings pass, with their text in system-out. */
export function junitXml({ items, at, durationMs, host }: Report): string {
  const suites = GROUPS.map((group) => items.filter((item) => item.group === group)).filter(
    (members) => members.length > 0,
  )
  const seconds = (durationMs / 1000).toFixed(3)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="flatnet-cni check" time="${seconds}">`,
    ...suites.map((members) => suite(members, at, host)),
    '</testsuites>',
    '',
  ].join('\n')
}

function suite(items: readonly ReportedItem[], at: string, host: string): string {
  const findings = items.flatMap((item) => item.findings.map((finding) => ({ item, finding })))
  const count = (verdict: string): string =>
    String(findings.filter(({ finding }) => finding.verdict === verdict).length)
  const attributes = [
    `name="${escapeXml(items[0]?.group ?? '')}"`,
    `tests="${String(findings.length)}" failures="${count('fail')}" skipped="${count('skip')}" errors="0"`,
    `timestamp="${escapeXml(at)}" hostname="${escapeXml(host)}"`,
  ]
  const cases = findings.map(({ item, finding }) => testCase(item, finding))
  return `  <testsuite ${attributes.join(' ')}>\n${cases.join('\n')}\n  </testsuite>`
}

function testCase({ id, title, why }: ReportedItem, finding: ReportedFinding): string {
  const { subject, verdict, fault = title, seen, next = [], follows } = finding
  const name = escapeXml(`${id} ${title}${subject === undefined ? '' : ` (${subject})`}`)
  const open = `    <testcase classname="${escapeXml(id)}" name="${name}">`
  const cause = follows === undefined ? [] : [`follows from ${follows}`]
  const text = escapeXml([`${fault}: ${seen}`, ...cause, why, ...next].join('\n'))
  const body = {
    ok: '',
    skip: `<skipped message="${escapeXml(seen)}"/>`,
    warn: `<system-out>${text}</system-out>`,
    fail: `<failure message="${escapeXml(`${fault}: ${seen}`)}">${text}</failure>`,
  }[verdict]
  return `${open}${body}</testcase>`
}

// XML 1.0, section 2.2: most control characters have no representation. A newline in an attribute would
// become a space.
function escapeXml(text: string): string {
  return text
    .replaceAll(/[^\n\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '?')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
