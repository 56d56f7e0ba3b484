// Turns judgements into a report: findings that follow from others are folded under them, then everything is
// counted.

import { type Group, GROUPS, groupOf, type Verdict } from './item.ts'
import type { JudgedFinding, Judgement } from './judge.ts'

/** A finding as reported. */
export interface ReportedFinding extends Omit<JudgedFinding, 'after'> {
  /** The id of the root cause that it follows from. */
  readonly follows?: string
}

/** An item as reported. */
export interface ReportedItem {
  readonly id: string
  readonly group: Group
  /** The condition that holds when the item is ok. */
  readonly title: string
  /** The headline of the worst finding; absent when the item is ok or skipped. */
  readonly fault?: string
  readonly why: string
  /** The worst of its findings. */
  readonly verdict: Verdict
  readonly findings: readonly ReportedFinding[]
}

/**
 * Numbers of items by their worst finding; `folded` counts those of `warn` and `fail` that follow from
 * others.
 */
type Summary = { readonly [Each in Verdict | 'folded']: number }

/** The whole check of one host. */
export interface Report {
  /** The version of this shape: docs/check.schema.json. */
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
  /** Absent when everything was judged in time. */
  readonly late?: Lateness
  /** By group, then by id. */
  readonly items: readonly ReportedItem[]
}

/**
 * What was not available in time. It says nothing about the host: the machine is busy, or something it waited
 * for hangs.
 */
export interface Lateness {
  /** The time limit, in milliseconds. */
  readonly timeoutMs: number
  /** Ids of the items that could not be judged because of it. */
  readonly items: readonly string[]
  /** One sentence per thing that was waited for. */
  readonly waitedFor: readonly string[]
}

/**
 * 0 fine, 1 warnings that count (`--strict`), 2 failed, 3 could not run, 4 not everything could be judged in
 * time.
 */
type ExitCode = 0 | 1 | 2 | 3 | 4

/** The circumstances of a report. */
interface ReportContext {
  readonly at: string
  readonly durationMs: number
  readonly host: string
  readonly flatnet: string
  readonly strict: boolean
  readonly timeoutMs: number
  /** What was not available in time. */
  readonly waitedFor: readonly string[]
}

const BY_WEIGHT: readonly Verdict[] = ['skip', 'ok', 'warn', 'fail']

/** Builds the report from these judgements. */
export function makeReport(judgements: readonly Judgement[], context: ReportContext): Report {
  const { strict, timeoutMs, waitedFor, ...rest } = context
  const items = unseen(judgements)
    .map((judgement) => reported(judgement, judgements))
    .toSorted(byGroupAndId)
  const summary = count(items)
  const roots = items.filter(isRoot).map(({ id }) => id)
  const isLate = ({ id }: ReportedItem): boolean =>
    judgements.some(({ item, unable }) => item.id === id && unable === 'late')
  const late = { timeoutMs, items: items.filter(isLate).map(({ id }) => id), waitedFor }
  const isAllThere = late.items.length === 0 && waitedFor.length === 0
  return {
    version: 1,
    ...rest,
    exitCode: exitCodeOf(judgements, summary, { strict, isAllThere }),
    summary,
    roots,
    ...(isAllThere ? {} : { late }),
    items,
  }
}

/** Tells whether the item found something wrong that follows from nothing else. */
export function isRoot({ findings }: ReportedItem): boolean {
  return findings.some((finding) => isWrong(finding) && finding.follows === undefined)
}

/** Tells whether a finding is a warning or a failure. */
export function isWrong({ verdict }: { readonly verdict: Verdict }): boolean {
  return verdict === 'warn' || verdict === 'fail'
}

/** Returns the worst of several verdicts; `skip` only if all are. */
function worst(verdicts: readonly Verdict[]): Verdict {
  return BY_WEIGHT[Math.max(0, ...verdicts.map((verdict) => BY_WEIGHT.indexOf(verdict)))] ?? 'skip'
}

// An item that could not be judged must not pass as healthy. If another item failed, that is the reason, or
// must be fixed first. Otherwise it is a warning, unless another finding has already given the reason.
function unseen(judgements: readonly Judgement[]): readonly Judgement[] {
  const wrong = judgements.flatMap(({ findings }) => findings.filter(isWrong))
  if (wrong.some(({ verdict }) => verdict === 'fail')) return judgements
  const told = wrong.map(({ seen }) => seen)
  return judgements.map((judgement) => {
    const [finding] = judgement.findings
    if (judgement.unable !== 'facts' || finding === undefined) return judgement
    if (told.some((reason) => finding.seen.includes(reason))) return judgement
    told.push(finding.seen)
    const next = [`flatnet-cni check --only ${judgement.item.id} --verbose   # once that is repaired`]
    const fault = `could not be checked: ${judgement.item.title}`
    return { ...judgement, findings: [{ ...finding, verdict: 'warn' as const, fault, next }] }
  })
}

function reported({ item, findings }: Judgement, all: readonly Judgement[]): ReportedItem {
  const { id, title, why } = item
  const verdict = worst(findings.map((finding) => finding.verdict))
  const those = findings.map(({ after = item.after ?? [], ...finding }): ReportedFinding => {
    if (!isWrong(finding)) return finding
    const follows = rootOf(after, finding, all, new Set([id]))
    return { fault: item.fault, ...finding, ...(follows === undefined ? {} : { follows }) }
  })
  const headline = isWrong({ verdict }) ? headlineOf(those) : undefined
  return {
    id,
    group: groupOf(id),
    title,
    ...(headline === undefined ? {} : { fault: headline }),
    why,
    verdict,
    findings: those,
  }
}

// A finding that follows from another item gives the headline only where there is no other.
function headlineOf(findings: readonly ReportedFinding[]): string | undefined {
  const wrong = findings.filter(isWrong)
  const roots = wrong.filter(({ follows }) => follows === undefined)
  const those = roots.length === 0 ? wrong : roots
  return (those.find(({ verdict }) => verdict === 'fail') ?? those[0])?.fault
}

// Walks up the graph of `after` to the highest item that is at least as bad about the same subject. An item
// on the way that is fine or skipped does not break the chain.
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

// A problem with one peer explains nothing about another.
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

function exitCodeOf(
  judgements: readonly Judgement[],
  { warn, fail }: Summary,
  { strict, isAllThere }: { readonly strict: boolean; readonly isAllThere: boolean },
): ExitCode {
  if (fail > 0) return 2
  // A check that could not look must not claim that all is well.
  const unable = judgements.filter((each) => each.unable !== undefined)
  if (unable.some((each) => each.unable === 'mistake')) return 3
  if (!isAllThere) return 4
  if (unable.length > 0 && unable.length === judgements.length) return 3
  return strict && warn > 0 ? 1 : 0
}

function byGroupAndId(a: ReportedItem, b: ReportedItem): number {
  return GROUPS.indexOf(a.group) - GROUPS.indexOf(b.group) || (a.id < b.id ? -1 : 1)
}
