// From judgements to the report: what follows from something else is folded under it, then everything is counted.

import { type Group, GROUPS, groupOf, type Verdict } from './item.ts'
import type { JudgedFinding, Judgement } from './judge.ts'

/** A finding as it is reported. */
export interface ReportedFinding extends Omit<JudgedFinding, 'after'> {
  /** The id of the root cause that it follows from. */
  readonly follows?: string
}

/** One item as it is reported. */
export interface ReportedItem {
  readonly id: string
  readonly group: Group
  readonly title: string
  readonly why: string
  /** The worst of its findings. */
  readonly verdict: Verdict
  readonly findings: readonly ReportedFinding[]
}

/** Numbers of items by their worst finding; `folded` are those of `warn` and `fail` that only follow from others. */
export type Summary = { readonly [Each in Verdict | 'folded']: number }

/** The whole check of one host. */
export interface Report {
  /** Of this shape: docs/check.schema.json. */
  readonly version: 1
  /** ISO 8601, UTC. */
  readonly at: string
  readonly durationMs: number
  readonly host: string
  readonly flatnet: string
  readonly exitCode: ExitCode
  readonly summary: Summary
  /** Ids of the items to look at first, in order. */
  readonly roots: readonly string[]
  /** By group, then by id. */
  readonly items: readonly ReportedItem[]
}

/** 0 fine, 1 warnings that count (`--strict`), 2 failed, 3 could not run. */
export type ExitCode = 0 | 1 | 2 | 3

/** What a report says about its own making. */
export interface ReportContext {
  readonly at: string
  readonly durationMs: number
  readonly host: string
  readonly flatnet: string
  readonly strict: boolean
}

const BY_WEIGHT: readonly Verdict[] = ['skip', 'ok', 'warn', 'fail']

/** Makes the report of these judgements. */
export function makeReport(judgements: readonly Judgement[], context: ReportContext): Report {
  const { strict, ...rest } = context
  const items = unseen(judgements)
    .map((judgement) => reported(judgement, judgements))
    .toSorted(byGroupAndId)
  const summary = count(items)
  const roots = items.filter(isRoot).map(({ id }) => id)
  return { version: 1, ...rest, exitCode: exitCodeOf(judgements, summary, strict), summary, roots, items }
}

/** Whether something is wrong that follows from nothing else. */
export function isRoot({ findings }: ReportedItem): boolean {
  return findings.some((finding) => isWrong(finding) && finding.follows === undefined)
}

/** Whether a finding is a warning or a failure. */
export function isWrong({ verdict }: { readonly verdict: Verdict }): boolean {
  return verdict === 'warn' || verdict === 'fail'
}

/** The worst of several verdicts; `skip` only where all are. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return BY_WEIGHT[Math.max(0, ...verdicts.map((verdict) => BY_WEIGHT.indexOf(verdict)))] ?? 'skip'
}

// What could not be looked at is no reason to say that all is well. Where something has failed that is the reason, or is to
// be put right first; otherwise it is a warning, unless another finding has told the reason.
function unseen(judgements: readonly Judgement[]): readonly Judgement[] {
  const wrong = judgements.flatMap(({ findings }) => findings.filter(isWrong))
  if (wrong.some(({ verdict }) => verdict === 'fail')) return judgements
  const told = wrong.map(({ seen }) => seen)
  return judgements.map((judgement) => {
    const [finding] = judgement.findings
    if (judgement.unable !== 'facts' || finding === undefined) return judgement
    if (told.some((reason) => finding.seen.includes(reason))) return judgement
    told.push(finding.seen)
    const next = [`flatnet-cni check --only ${judgement.item.id} --verbose   # once that is put right`]
    return { ...judgement, findings: [{ ...finding, verdict: 'warn' as const, next }] }
  })
}

function reported({ item, findings }: Judgement, all: readonly Judgement[]): ReportedItem {
  const { id, title, why } = item
  return {
    id,
    group: groupOf(id),
    title,
    why,
    verdict: worst(findings.map(({ verdict }) => verdict)),
    findings: findings.map(({ after = item.after ?? [], ...finding }) => {
      const follows = isWrong(finding) ? rootOf(after, finding, all, new Set([id])) : undefined
      return follows === undefined ? finding : { ...finding, follows }
    }),
  }
}

// Up the graph of `after` to the item furthest up that is at least as bad about the same subject. An item between that is
// itself fine, or was skipped, does not cut the line.
function rootOf(
  after: readonly string[],
  finding: JudgedFinding,
  all: readonly Judgement[],
  seen: Set<string>,
): string | undefined {
  for (const id of after) {
    const above = all.find(({ item }) => item.id === id)
    if (above === undefined || seen.has(id)) continue
    seen.add(id)
    const higher = rootOf(above.item.after ?? [], finding, all, seen)
    if (higher !== undefined) return higher
    if (above.findings.some((cause) => explains(cause, finding))) return id
  }
  return undefined
}

// What is wrong with one peer explains nothing about another.
function explains(cause: JudgedFinding, effect: JudgedFinding): boolean {
  const isBadEnough = isWrong(cause) && BY_WEIGHT.indexOf(cause.verdict) >= BY_WEIGHT.indexOf(effect.verdict)
  const isAboutIt =
    cause.subject === undefined || effect.subject === undefined || cause.subject === effect.subject
  return isBadEnough && isAboutIt
}

function count(items: readonly ReportedItem[]): Summary {
  const by = (verdict: Verdict): number => items.filter((item) => item.verdict === verdict).length
  const folded = items.filter((item) => isWrong(item) && !isRoot(item)).length
  return { ok: by('ok'), warn: by('warn'), fail: by('fail'), skip: by('skip'), folded }
}

function exitCodeOf(judgements: readonly Judgement[], { warn, fail }: Summary, strict: boolean): ExitCode {
  if (fail > 0) return 2
  // A check that could not look must not say that all is well.
  const unable = judgements.filter((each) => each.unable !== undefined)
  if (unable.some((each) => each.unable === 'mistake')) return 3
  if (unable.length > 0 && unable.length === judgements.length) return 3
  return strict && warn > 0 ? 1 : 0
}

function byGroupAndId(a: ReportedItem, b: ReportedItem): number {
  return GROUPS.indexOf(a.group) - GROUPS.indexOf(b.group) || (a.id < b.id ? -1 : 1)
}
