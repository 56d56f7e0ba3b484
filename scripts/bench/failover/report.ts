// The table of `npm run bench:failover`. Pure.
import { type FlowReport, longestOutageMs, quantile } from './flow-report.ts'
import type { Scenario, ScenarioRun } from './scenario.ts'

const WIDTHS = [32, 6, 18, 14, 8, 18, 12, 26, 12, 16]

export function heading(markdown: boolean): string {
  const titles = [
    'fault',
    'held s',
    'outage ms',
    'UDP lost',
    'TCP',
    'TCP stall ms',
    'HTTP failed',
    'reason',
    'changes',
    'return s',
  ]
  const rule = markdown ? `\n|${titles.map(() => '---').join('|')}|` : ''
  return line(titles, markdown) + rule
}

/** Returns one scenario's row, with median and p95 where it ran more than once. */
export function row(scenario: Scenario, runs: readonly ScenarioRun[], markdown: boolean): string {
  const outages = runs.map(({ outageMs }) => outageMs)
  const stalls = runs.map(({ flows }) => flows.tcp.worstStallMs)
  const returns = runs.flatMap(({ returnMs }) => returnMs ?? [])
  const reasons = [...new Set(runs.map(({ reason }) => reason ?? 'none'))]
  const wanted = scenario.reasons.length === 0 ? ['none'] : scenario.reasons
  const missed = sum(runs.map(({ flows }) => flows.http.failed + flows.http.late))
  const isRight = reasons.every((reason) => wanted.includes(reason))
  return line(
    [
      scenario.name,
      String(scenario.holdMs / 1000),
      spread(outages),
      `${sum(runs.map(({ flows }) => flows.udp.lost))}/${sum(runs.map(({ flows }) => flows.udp.sent))}`,
      runs.every(({ flows }) => flows.tcp.isAlive) ? 'alive' : 'DEAD',
      spread(stalls),
      `${missed}/${sum(runs.map(({ flows }) => flows.http.asked))}`,
      `${reasons.join(', ')}${isRight ? '' : ' (!)'}`,
      spread(runs.map(({ changes }) => changes)),
      returns.length === 0 ? '-' : spread(returns.map((ms) => Math.round(ms / 100) / 10)),
    ],
    markdown,
  )
}

/** Returns the row of the black hole with Nebula alone. */
export function alone(report: FlowReport, markdown: boolean): string {
  return line(
    [
      'black hole, Nebula alone',
      '20',
      String(longestOutageMs(report)),
      `${String(report.udp.lost)}/${String(report.udp.sent)}`,
      report.tcp.isAlive ? 'alive' : 'DEAD',
      String(report.tcp.worstStallMs),
      `${String(report.http.failed + report.http.late)}/${String(report.http.asked)}`,
      'no agent',
      '0',
      '-',
    ],
    markdown,
  )
}

function spread(values: readonly number[]): string {
  if (values.length <= 1) return String(values[0] ?? '-')
  return `${String(quantile(values, 0.5))} (p95 ${String(quantile(values, 0.95))})`
}

function sum(values: readonly number[]): string {
  return String(values.reduce((total, value) => total + value, 0))
}

function line(cells: readonly string[], markdown: boolean): string {
  if (markdown) return `| ${cells.join(' | ')} |`
  return cells
    .map((cell, index) => cell.padEnd(WIDTHS[index] ?? 0))
    .join(' ')
    .trimEnd()
}
