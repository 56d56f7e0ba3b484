// The words of `flatnet-cni join`.

import type { Report } from '../../../check/report.ts'
import { isChange } from '../../../provision/host/plan-steps.ts'
import type { Step } from '../../../provision/host/step.ts'
import type { BootCommand } from '../../../provision/host/surroundings.ts'
import {
  BOOT_COMMAND,
  OWN_NEBULA_UNIT,
  PACKAGED_NEBULA_UNIT,
  START_SCRIPT,
} from '../../../provision/host/wanted.ts'
import type { KeptCopy } from '../../../setup/apply-join.ts'
import type { JoinPlan } from '../../../setup/plan-join.ts'
import type { Touch } from '../../../setup/wait-lighthouse.ts'
import type { Theme } from '../../terminal.ts'
import { kernelLines } from './kernel.ts'
import { outcomeLines, type WindowsOutcome, windowsLines, windowsNext } from './windows.ts'
import { drawTable } from '../../text/grid.ts'
import { modeText } from '../../text/mode.ts'
import { checkText } from '../check/text.ts'

/** What happened after the plan. */
interface Joined {
  readonly kept?: readonly KeptCopy[]
  readonly touch?: Touch
  readonly report?: Report | undefined
  readonly windows?: WindowsOutcome | undefined
}

/** Renders the plan, and behind it what came of it; a plan alone for --dry-run. */
export function joinText(
  plan: JoinPlan,
  { kept = [], touch, report, windows }: Joined,
  theme: Theme,
): string {
  const { checked, steps, units, isResumed } = plan
  const { name, office, role } = checked.bundle
  const changes = steps.filter(isChange)
  const head =
    `${theme.strong(name)}, ${role} of ${office}` +
    (isResumed ? ' (goes on where an earlier run stopped)' : '')
  const table =
    changes.length === 0
      ? 'every file is in place\n'
      : drawTable(theme, ['CHANGE', 'MODE', 'OWNER', 'PATH', 'WHAT'], changes.map(rowOf))
  const rest = steps.length - changes.length
  const unchanged = rest > 0 && changes.length > 0 ? [`${String(rest)} more are in place`] : []
  const started = units.map(({ unit, change }) => `${change === 'keep' ? 'runs' : change} ${unit}`)
  const body = [
    head,
    '',
    `${table.trimEnd()}`,
    ...unchanged,
    ...kernelLines(plan),
    ...started,
    ...kept.map(({ path, copy }) => `kept a copy of ${path}: ${copy}`),
    ...windowsLines(plan.windows),
  ]
  if (touch === undefined) return `${[...body, '', 'nothing was changed (--dry-run)'].join('\n')}\n`
  const checkPart = report === undefined ? [] : ['', checkText(report, false, theme).trimEnd()]
  const next = nextSteps(plan, touch, report, windows).map((step) => `Next: ${step}`)
  return `${[...body, ...outcomeLines(windows), touchText(touch), ...checkPart, '', ...next].join('\n')}\n`
}

function rowOf({ wanted, change, found }: Step): readonly string[] {
  const mode = wanted.kind === 'link' ? '-' : modeText(wanted.mode)
  const copied = found.kind === 'file' ? ' (a copy is kept)' : ''
  const path = wanted.kind === 'link' ? `${wanted.path} -> ${wanted.target}` : wanted.path
  return [change, mode, 'root', path, `${wanted.what}${copied}`]
}

/** Returns what --json prints of a touch: `lighthouses` has the one that answers, or those that do not. */
export function touchData(touch: Touch): object {
  const { kind } = touch
  if (kind === 'answers') return { kind, lighthouses: [touch.lighthouse] }
  return { kind, lighthouses: kind === 'silent' ? touch.lighthouses : [] }
}

function touchText(touch: Touch): string {
  switch (touch.kind) {
    case 'answers':
      return `lighthouse ${touch.lighthouse} answers`
    case 'silent':
      return `no answer from ${touch.lighthouses.join(', ')}`
    case 'down':
      return 'Nebula does not run'
    case 'alone':
      return 'this is the only lighthouse'
  }
}

/** Returns what to type next, the most urgent first. */
export function nextSteps(
  plan: JoinPlan,
  touch: Touch,
  report: Report | undefined,
  windows: WindowsOutcome | undefined,
): readonly string[] {
  return [...hostSteps(plan, touch, report), ...windowsNext(plan, windows)]
}

function hostSteps(plan: JoinPlan, touch: Touch, report: Report | undefined): readonly string[] {
  const { surroundings, steps, checked } = plan
  const hasChanged = steps.some(isChange)
  if (!surroundings.hasSystemd && touch.kind === 'down')
    return [`${START_SCRIPT} start`, ...bootSteps(surroundings.bootCommand), 'flatnet-cni check --wait 2m']
  if (!surroundings.hasSystemd && hasChanged)
    return [`${START_SCRIPT} restart`, 'flatnet-cni check --wait 2m']
  if (touch.kind === 'down')
    return [`journalctl -n 20 -u ${surroundings.hasNebulaUnit ? PACKAGED_NEBULA_UNIT : OWN_NEBULA_UNIT}`]
  if (touch.kind === 'silent')
    return ['is the lighthouse joined and on? then: flatnet-cni check --group NEB --wait 2m']
  if (report !== undefined && report.summary.fail > 0) return ['flatnet-cni check --wait 2m']
  return checked.certificate.unsafeNetworks.length === 0
    ? ['join the other hosts; flatnet-cni status shows them']
    : ['podman run --rm --network flatnet alpine ip address', 'flatnet-cni status']
}

// Where WSL has no other command at its start, join has put this one there.
function bootSteps(boot: BootCommand): readonly string[] {
  switch (boot.kind) {
    case 'none':
      return [`have ${START_SCRIPT} started at boot`]
    case 'other':
      return [`/etc/wsl.conf has [boot] command = ${boot.command}: add ${BOOT_COMMAND} to what it runs`]
    case 'ours':
      return []
  }
}
