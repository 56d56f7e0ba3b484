// A report for people: what is wrong first, with what it is seen by, why it matters and what to type; then the groups.

import { GROUPS, type Verdict } from '../check/item.ts'
import { isRoot, isWrong, type Report, type ReportedFinding, type ReportedItem } from '../check/report.ts'
import type { Theme } from './terminal.ts'
import { wrap } from './wrap.ts'

const WIDTH = 100
const WORDS: Readonly<Record<Verdict, string>> = { ok: 'ok  ', warn: 'warn', fail: 'FAIL', skip: 'skip' }

/** @param verbose every item and not only those that are wrong */
export function checkText(report: Report, verbose: boolean, theme: Theme): string {
  const { items, at, host, durationMs } = report
  const took = `${String(items.length)} checks in ${(durationMs / 1000).toFixed(1)} s`
  const head = `${theme.strong(`flatnet-cni check on ${host}`)}  ${theme.dim(`${at}, ${took}`)}`
  const wrong = items.filter(isRoot).map((item) => problemText(item, items, theme))
  const groups = verbose ? everyItem(items, theme) : groupLines(items, theme)
  return `${[head, ...wrong, groups, summaryText(report, verbose, theme)].join('\n\n')}\n`
}

/** One line for a report that others have been printed before. */
export function summaryText({ summary, roots }: Report, verbose: boolean, theme: Theme): string {
  const { ok, warn, fail, skip, folded } = summary
  const parts = [
    fail > 0 ? theme.bad(`${String(fail)} failed`) : undefined,
    warn > 0 ? theme.warn(`${String(warn)} ${warn === 1 ? 'warning' : 'warnings'}`) : undefined,
    theme.good(`${String(ok)} ok`),
    skip > 0 ? `${String(skip)} skipped${verbose ? '' : ' (--verbose says why)'}` : undefined,
  ]
  const follows = folded === 0 ? '' : `; ${String(folded)} of these only follow from others`
  const more = roots[0] === undefined ? '' : `\nmore about one: flatnet-cni check --explain ${roots[0]}`
  return `${parts.filter((part) => part !== undefined).join(', ')}${follows}${more}`
}

function problemText(item: ReportedItem, all: readonly ReportedItem[], theme: Theme): string {
  const { id, title, why, findings } = item
  const roots = findings.filter((finding) => isWrong(finding) && finding.follows === undefined)
  const shown = roots.flatMap((finding) => [
    wrap(withSubject(finding), WIDTH, '      '),
    ...(finding.next ?? []).map((step) => `      ${theme.dim('->')} ${theme.strong(step)}`),
  ])
  const effects = all.flatMap((each) => effectOf(each, id))
  const follows =
    effects.length === 0 ? [] : [theme.dim(wrap(`so too: ${effects.join('; ')}`, WIDTH, '      '))]
  return [
    `${word(item.verdict, theme)}  ${theme.strong(id)}  not so: ${title}`,
    ...shown,
    theme.dim(wrap(why, WIDTH, '      ')),
    ...follows,
  ].join('\n')
}

function effectOf({ id, title, findings }: ReportedItem, cause: string): string[] {
  const those = findings.filter(({ follows }) => follows === cause)
  if (those.length === 0) return []
  const subjects = those.flatMap(({ subject }) => subject ?? [])
  return [`${id} ${title}${subjects.length === 0 ? '' : ` (${subjects.join(', ')})`}`]
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
    .map(({ id, title, verdict, findings }) => {
      const seen = findings.map(
        (finding) =>
          `${' '.repeat(longest + 8)}${theme.dim(`${withSubject(finding)}${finding.follows === undefined ? '' : ` (follows from ${finding.follows})`}`)}`,
      )
      return [`${word(verdict, theme)}  ${id.padEnd(longest)}  ${title}`, ...seen].join('\n')
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
