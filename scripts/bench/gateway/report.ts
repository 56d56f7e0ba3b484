// The table: medians of each server, and of the ratios within a round.

import { median } from '../calls/statistics.ts'
import type { GatewayReport } from './inside.ts'
import type { Figures } from './measure.ts'

const KEYS = ['requestsPerSecond', 'p50Ms', 'p99Ms', 'cpuUs'] as const

/** Renders a Markdown table. The ratios are ours to the server of the row; the first server is ours. */
export function renderTable(report: GatewayReport): string {
  const [, ours = []] = report[0] ?? []
  const rows = report.map(([name, theirs], index) => [
    name,
    ...KEYS.map((key) => shown(median(theirs.map((each) => each[key])))),
    ...(index === 0
      ? ['', '', '']
      : (['requestsPerSecond', 'cpuUs', 'p99Ms'] as const).map(ratio(ours, theirs))),
    String(theirs.reduce((sum, { failed }) => sum + failed, 0)),
  ])
  const head = ['server', 'requests/s', 'p50 ms', 'p99 ms', 'CPU µs/request']
  const ratios = ['ours/this: requests/s', 'CPU', 'p99', 'failed']
  return [[...head, ...ratios], [...head, ...ratios].map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .join('')
}

// The median of the rounds, and the quartiles in brackets.
function ratio(ours: readonly Figures[], theirs: readonly Figures[]): (key: (typeof KEYS)[number]) => string {
  return (key) => {
    const ratios = ours.map((each, index) => each[key] / (theirs[index]?.[key] ?? NaN))
    const sorted = ratios.toSorted((a, b) => a - b)
    const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? NaN).toFixed(2)
    return `${median(ratios).toFixed(2)} (${at(0.25)}–${at(0.75)})`
  }
}

function shown(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2)
}
