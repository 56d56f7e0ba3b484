// Judges one item against the gathered facts.

import type { Facts } from './facts.ts'
import type { CheckItem, Finding, Fix } from './item.ts'

/**
 * A member of {@link Facts} as gathered, the reason why it is missing, or what it was still waiting for at
 * the time limit.
 */
export type Gathered<Value> =
  { readonly value: Value } | { readonly problem: string } | { readonly late: string }
export type GatheredFacts = { readonly [Member in keyof Facts]?: Gathered<Facts[Member]> }

/** A finding with its repair, if there is one. */
export interface JudgedFinding extends Finding {
  readonly fix?: Fix
}

/** Why an item could not be judged: a fact was unavailable, a fact came too late, or the item has a bug. */
type Inability = 'facts' | 'late' | 'mistake'

/** An item and its findings, at least one. */
export interface Judgement {
  readonly item: CheckItem
  readonly findings: readonly JudgedFinding[]
  /** Why the item could not be judged at all. */
  readonly unable?: Inability
}

/** Judges one item; never throws. A member missing from `facts` counts as not gathered. */
export function judgeItem(item: CheckItem, facts: GatheredFacts): Judgement {
  if (
    item.inWslOnly === true &&
    facts.wsl !== undefined &&
    'value' in facts.wsl &&
    facts.wsl.value.kind !== 'wsl2'
  )
    return skipped(item, 'this host is not WSL 2')
  const late = item.needs.flatMap((member) => latenessOf(facts[member]))
  if (late.length > 0) return skipped(item, `no answer in time: ${[...new Set(late)].join('; ')}`, 'late')
  const problems = item.needs.flatMap((member) => problemOf(member, facts[member]))
  if (problems.length > 0) return skipped(item, `cannot check: ${[...new Set(problems)].join('; ')}`, 'facts')
  const values = Object.fromEntries(
    item.needs.map((member) => [member, (facts[member] as { readonly value: unknown }).value]),
  ) as unknown as Facts
  try {
    const found = item.judge(values)
    const findings = 'verdict' in found ? [found] : found
    if (findings.length === 0) return skipped(item, 'there is nothing to check')
    return { item, findings: findings.map((finding) => complete(item, values, finding)) }
  } catch (error) {
    const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    return skipped(item, `this check has a bug (${what}); please report it`, 'mistake')
  }
}

function problemOf(member: string, gathered: Gathered<unknown> | undefined): string[] {
  if (gathered === undefined) return [`${member} was not gathered`]
  return 'problem' in gathered ? [gathered.problem] : []
}

function latenessOf(gathered: Gathered<unknown> | undefined): string[] {
  return gathered !== undefined && 'late' in gathered ? [gathered.late] : []
}

function complete(item: CheckItem, facts: Facts, finding: Finding): JudgedFinding {
  if (finding.verdict === 'ok' || finding.verdict === 'skip') return finding
  const fix = item.fix?.(facts, finding)
  const next = finding.next ?? item.steps
  return { ...finding, next, ...(fix === undefined ? {} : { fix }) }
}

function skipped(item: CheckItem, seen: string, unable?: Inability): Judgement {
  return { item, findings: [{ verdict: 'skip', seen }], ...(unable === undefined ? {} : { unable }) }
}
