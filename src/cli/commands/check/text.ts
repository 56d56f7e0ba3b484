// Renders a report for people: first the problems, each with the observation, why it matters and what to
// type; then the groups.

import { GROUPS, type Verdict } from '../../../check/item.ts'
import {
  isRoot,
  isWrong,
  type Lateness,
  type Report,
  type ReportedFinding,
  type ReportedItem,
} from '../../../check/report.ts'
import type { Theme } from '../../terminal.ts'
import { wrap } from '../../text/wrap.ts'

const WIDTH = 100
// The factor by which a longer time limit is proposed after a timeout.
const MORE_TIME = 6
const MOST_NAMED = 3
const WORDS: Readonly<Record<Verdict, string>> = { ok: 'ok  ', warn: 'warn', fail: 'FAIL', skip: 'skip' }

/**
 * Renders a report.
 * @param verbose print every item, not only those with problems
 */
export function checkText(report: Report, verbose: boolean, theme: Theme): string {
  const { items, at, host, durationMs } = report
  const took = `${String(items.length)} checks in ${(durationMs / 1000).toFixed(1)} s`
  const head = `${theme.strong(`flatnet-cni check on ${host}`)}  ${theme.dim(`${at}, ${took}`)}`
  const wrong = items.filter(isRoot).map((item) => problemText(item, items, theme))
  const late = report.late === undefined ? [] : [lateText(report.late, items.length, theme)]
  const groups = verbose ? everyItem(items, theme) : groupLines(items, theme)
  return `${[head, ...wrong, ...late, groups, summaryText(report, verbose, theme)].join('\n\n')}\n`
}

/** Returns one line for a report that follows others. */
export function summaryText({ summary, roots }: Report, verbose: boolean, theme: Theme): string {
  const { ok, warn, fail, skip, folded } = summary
  const parts = [
    fail > 0 ? theme.bad(`${String(fail)} failed`) : undefined,
    warn > 0 ? theme.warn(`${String(warn)} ${warn === 1 ? 'warning' : 'warnings'}`) : undefined,
    theme.good(`${String(ok)} ok`),
    skip > 0 ? `${String(skip)} skipped${verbose ? '' : ' (--verbose says why)'}` : undefined,
  ]
  const follows = folded === 0 ? '' : `; ${String(folded)} of these only follow from others`
  const more =
    roots[0] === undefined ? '' : `\nmore about this fault: flatnet-cni check --explain ${roots[0]}`
  return `${parts.filter((part) => part !== undefined).join(', ')}${follows}${more}`
}

function problemText(item: ReportedItem, all: readonly ReportedItem[], theme: Theme): string {
  const { id, title, fault = title, why, findings } = item
  const roots = findings.filter((finding) => isWrong(finding) && finding.follows === undefined)
  const shown = roots.flatMap((finding) => [
    wrap(withSubject(finding), WIDTH, '      '),
    ...(finding.next ?? []).map((step) => `      ${theme.dim('->')} ${theme.strong(step)}`),
  ])
  const effects = all.flatMap((each) => effectOf(each, id))
  const follows =
    effects.length === 0 ? [] : [theme.dim(wrap(`also affected: ${effects.join('; ')}`, WIDTH, '      '))]
  return [
    `${word(item.verdict, theme)}  ${theme.strong(id)}  ${fault}`,
    ...shown,
    theme.dim(wrap(why, WIDTH, '      ')),
    ...follows,
  ].join('\n')
}

function lateText({ timeoutMs, items, waitedFor }: Lateness, all: number, theme: Theme): string {
  const seconds = timeoutMs / 1000
  const what =
    items.length === 0 ? 'some answers missing' : `${String(items.length)} of ${String(all)} checks not done`
  // A few items can be checked alone, which takes less time than all of them.
  const only = items.length > MOST_NAMED ? '' : items.map((id) => ` --only ${id}`).join('')
  const longer = String(Math.ceil(seconds * MORE_TIME))
  return [
    `${theme.warn('late')}  ${theme.strong(`${what} within ${String(seconds)} s`)}`,
    ...waitedFor.map((each) => wrap(`waited for: ${each}`, WIDTH, '      ')),
    `      ${theme.dim('->')} ${theme.strong(`flatnet-cni check --timeout ${longer}s${only}`)}`,
    theme.dim(
      wrap(
        'This is not a fault of the host: the machine is busy, or what flatnet-cni waited for hangs.',
        WIDTH,
        '      ',
      ),
    ),
  ].join('\n')
}

function effectOf({ id, title, findings }: ReportedItem, cause: string): string[] {
  const those = findings.filter(({ follows }) => follows === cause)
  if (those.length === 0) return []
  const { fault = title } = those[0] ?? {}
  const subjects = those.flatMap(({ subject }) => subject ?? [])
  return [`${id} ${fault}${subjects.length === 0 ? '' : ` (${subjects.join(', ')})`}`]
}

function groupLines(items: readonly ReportedItem[], theme: Theme): string {
  return GROUPS.map((group) => items.filter((item) => item.group === group))
    .filter((members) => members.length > 0)
    .map((members) => {
      const counts = (['fail', 'warn', 'ok', 'skip'] as const).flatMap((verdict) => {
        const count = members.filter((item) => item.verdict === verdict).length
        return count === 0 ? [] : [coloured(verdict, `${String(count)} ${WORDS[verdict].trim()}`, theme)]
      })
      return `${(members[0]?.group ?? '').padEnd(6)}${counts.join(', ')}`
    })
    .join('\n')
}

function everyItem(items: readonly ReportedItem[], theme: Theme): string {
  const longest = Math.max(...items.map(({ id }) => id.length))
  return items
    .map(({ id, title, fault = title, verdict, findings }) => {
      const seen = findings.map((finding) => {
        const source = finding.follows === undefined ? '' : ` (follows from ${finding.follows})`
        return `${' '.repeat(longest + 8)}${theme.dim(`${withSubject(finding)}${source}`)}`
      })
      return [`${word(verdict, theme)}  ${id.padEnd(longest)}  ${fault}`, ...seen].join('\n')
    })
    .join('\n')
}

function withSubject({ subject, seen }: ReportedFinding): string {
  return subject === undefined ? seen : `${subject}: ${seen}`
}

function word(verdict: Verdict, theme: Theme): string {
  return coloured(verdict, WORDS[verdict], theme)
}

function coloured(verdict: Verdict, text: string, theme: Theme): string {
  return { ok: theme.good, warn: theme.warn, fail: theme.bad, skip: theme.dim }[verdict](text)
}
