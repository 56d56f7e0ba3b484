// One item against what was gathered.

import type { Facts } from './facts.ts'
import type { CheckItem, Finding, Fix } from './item.ts'

/** A member of {@link Facts} as it was gathered, or why it could not be, in words. */
export type Gathered<Value> = { readonly value: Value } | { readonly problem: string }
export type GatheredFacts = { readonly [Member in keyof Facts]?: Gathered<Facts[Member]> }

/** A finding with the repair there is for it. */
export interface JudgedFinding extends Finding {
  readonly fix?: Fix
}

/** An item and what it found, at least one finding. */
export interface Judgement {
  readonly item: CheckItem
  readonly findings: readonly JudgedFinding[]
  /** Why the item could not be judged at all: a fact that could not be gathered, or a mistake of its own. */
  readonly unable?: 'facts' | 'mistake'
}

/** Judges one item; never throws. A member that `facts` lacks counts as not gathered. */
export function judgeItem(item: CheckItem, facts: GatheredFacts): Judgement {
  if (
    item.inWslOnly === true &&
    facts.wsl !== undefined &&
    'value' in facts.wsl &&
    facts.wsl.value.kind !== 'wsl2'
  )
    return skipped(item, 'this host is not WSL 2')
  const problems = item.needs.flatMap((member) => problemOf(member, facts[member]))
  if (problems.length > 0) return skipped(item, `cannot look: ${[...new Set(problems)].join('; ')}`, 'facts')
  const values = Object.fromEntries(
    item.needs.map((member) => [member, (facts[member] as { readonly value: unknown }).value]),
  ) as unknown as Facts
  try {
    const found = item.judge(values)
    const findings = 'verdict' in found ? [found] : found
    if (findings.length === 0) return skipped(item, 'there is nothing to look at')
    return { item, findings: findings.map((finding) => complete(item, values, finding)) }
  } catch (error) {
    const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    return skipped(item, `this check itself went wrong (${what}); please report it`, 'mistake')
  }
}

function problemOf(member: string, gathered: Gathered<unknown> | undefined): string[] {
  if (gathered === undefined) return [`${member} was not looked at`]
  return 'problem' in gathered ? [gathered.problem] : []
}

function complete(item: CheckItem, facts: Facts, finding: Finding): JudgedFinding {
  if (finding.verdict === 'ok' || finding.verdict === 'skip') return finding
  const fix = item.fix?.(facts, finding)
  const next = finding.next ?? item.steps
  return { ...finding, next, ...(fix === undefined ? {} : { fix }) }
}

function skipped(item: CheckItem, seen: string, unable?: 'facts' | 'mistake'): Judgement {
  return { item, findings: [{ verdict: 'skip', seen }], ...(unable === undefined ? {} : { unable }) }
}
