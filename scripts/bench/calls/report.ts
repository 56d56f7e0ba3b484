// The result of a bench run, as data for the JSON file and as a table for people.

import type { Breakdown } from './breakdown/breakdown.ts'
import { renderBreakdown } from './breakdown/render.ts'
import type { Row, Sample } from './row.ts'
import { mean, median, pairRatio } from './statistics.ts'
import { renderTable } from './table.ts'

/** Contents of the JSON file. `ours` and `theirs` are measurements, pair by pair. */
export interface Report {
  readonly version: 1
  /** ISO 8601. */
  readonly started: string
  readonly machine: Readonly<Record<string, string>>
  readonly rows: readonly FinishedRow[]
  readonly breakdown: readonly Breakdown[]
  /** Scenarios that could not be measured, with the reason. */
  readonly failures: readonly string[]
}

/** A row with its derived figures; `ratio` is the median of the pairs' wall-clock ratios. */
export interface FinishedRow extends Row {
  readonly n: number
  readonly oursMedianMs: number
  readonly theirsMedianMs: number
  readonly ratio: number
  readonly oursMeanCpuMs: number
  readonly theirsMeanCpuMs: number
  readonly verdict: 'met' | 'missed' | 'no goal'
}

/** Computes the derived figures of a row. */
export function finishRow(row: Row): FinishedRow {
  const ours = digest(row.ours)
  const theirs = digest(row.theirs)
  const ratio = pairRatio(ours.ms, theirs.ms)
  const meets = row.broken === undefined && (row.goal === undefined || ratio <= row.goal)
  return {
    ...row,
    n: row.ours.length,
    oursMedianMs: median(ours.ms),
    theirsMedianMs: median(theirs.ms),
    ratio,
    oursMeanCpuMs: ours.cpuMs,
    theirsMeanCpuMs: theirs.cpuMs,
    verdict: !meets ? 'missed' : row.goal === undefined ? 'no goal' : 'met',
  }
}

function digest(samples: readonly Sample[]): { ms: number[]; cpuMs: number } {
  return { ms: samples.map(({ ms }) => ms), cpuMs: mean(samples.map(({ cpuMs }) => cpuMs)) }
}

/** Renders the report for a terminal. */
export function renderReport({ machine, rows, breakdown, failures }: Report): string {
  const facts = Object.entries(machine).map(([name, value]) => `${name}: ${value}`)
  const parts = [facts.join('\n'), ...(rows.length === 0 ? [] : [renderRows(rows)])]
  parts.push(...breakdown.map(renderBreakdown))
  if (failures.length > 0) parts.push(failures.map((failure) => `NOT MEASURED: ${failure}`).join('\n'))
  return `${parts.join('\n\n')}\n`
}

const HEAD = [
  'row',
  'what',
  'against',
  'n',
  'ours ms',
  'theirs ms',
  'ratio',
  'goal',
  '',
  'ours cpu',
  'theirs cpu',
]

function renderRows(rows: readonly FinishedRow[]): string {
  const cells = rows.map((row) => [
    row.id,
    row.what,
    row.against,
    String(row.n),
    row.oursMedianMs.toFixed(1),
    row.theirsMedianMs.toFixed(1),
    row.ratio.toFixed(2),
    row.goal === undefined ? '-' : `<= ${row.goal}`,
    row.verdict === 'no goal' ? '' : row.verdict,
    row.oursMeanCpuMs.toFixed(0),
    row.theirsMeanCpuMs.toFixed(0),
  ])
  const notes = rows.flatMap(({ id, note, broken }) => [
    ...(note === undefined ? [] : [`${id}: ${note}`]),
    ...(broken === undefined ? [] : [`${id}: FAILED: ${broken}`]),
  ])
  return [renderTable([HEAD, ...cells]), ...notes].join('\n')
}
