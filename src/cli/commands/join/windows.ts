// The part of `flatnet-cni join` that is about Windows.

import { CniError, errorText } from '../../../cni/error.ts'
import type { WindowsReport } from '../../../provision/windows/report.ts'
import { stepText } from '../../../provision/windows/step.ts'
import { askFirst, setWindowsUp } from '../../../setup/windows/apply.ts'
import type { JoinPlan } from '../../../setup/plan-join.ts'
import { SETUP_FILE, type WindowsWay } from '../../../setup/windows/plan.ts'
import type { Call } from '../../command.ts'
import { WINDOWS_WAYS } from './ways.ts'

/** What came of setting Windows up. */
export type WindowsOutcome = WindowsReport | { readonly problem: string }

/** Reads --windows; the option itself refuses other words. */
export function windowsWay(call: Call): WindowsWay | undefined {
  return WINDOWS_WAYS.find((each) => each === call.value('windows'))
}

/** Sets Windows up where that was asked for. A failure is part of the answer: this host has joined. */
export async function setUpWindows(
  { windows }: JoinPlan,
  say: (what: string) => void,
): Promise<WindowsOutcome | undefined> {
  if (windows === undefined || 'problem' in windows) return undefined
  try {
    askFirst(windows)
    if (windows.way !== 'run') return undefined
    say('Windows asks for your consent: answer its question')
    return await setWindowsUp(windows)
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    return { problem: errorText(error) }
  }
}

export function failed(outcome: WindowsOutcome | undefined): boolean {
  return outcome !== undefined && 'problem' in outcome
}

/** The plan for Windows in JSON. */
export function windowsData(windows: NonNullable<JoinPlan['windows']>): object {
  if ('problem' in windows) return windows
  return { way: windows.way, steps: windows.steps.map(stepText), notes: windows.notes, script: SETUP_FILE }
}

/** The plan for Windows in lines of text. */
export function windowsLines(windows: JoinPlan['windows']): readonly string[] {
  if (windows === undefined) return []
  if ('problem' in windows) return ['', `Windows: ${windows.problem}`]
  return [
    '',
    'Windows:',
    ...windows.steps.map((step) => `  ${stepText(step)}`),
    ...windows.notes.map((note) => `note: ${note}`),
  ]
}

/** What came of it, in lines of text. */
export function outcomeLines(outcome: WindowsOutcome | undefined): readonly string[] {
  if (outcome === undefined) return []
  if ('problem' in outcome) return [`Windows: ${outcome.problem}`]
  const count = outcome.steps.filter(({ state }) => state === 'changed').length
  return [`Windows: ${String(count)} of ${String(outcome.steps.length)} steps changed something`]
}

/** What to type next for Windows. */
export function windowsNext({ windows }: JoinPlan, outcome: WindowsOutcome | undefined): readonly string[] {
  if (windows === undefined || 'problem' in windows) return []
  const hasIdle = windows.steps.some(({ kind }) => kind === 'user-file')
  const restart = hasIdle ? ['when it suits you, in Windows: wsl --shutdown, for .wslconfig to count'] : []
  if (outcome !== undefined && !('problem' in outcome)) return restart
  return [
    `in Windows, PowerShell as administrator: powershell -NoProfile -ExecutionPolicy Bypass -File ` +
      `\\\\wsl.localhost\\${windows.distribution}${SETUP_FILE.replaceAll('/', '\\')}`,
    ...(windows.way === 'run' ? [] : ['or here: the same join with --windows run']),
    ...restart,
  ]
}
