// `flatnet-cni leave`: undoes join.

import { refuseRootless } from '../../../kernel/proc.ts'
import type { Undo } from '../../../provision/host/undo.ts'
import { UNDO_LINE } from '../../../setup/windows/apply.ts'
import { isWindowsSetUp } from '../../../state/joined/windows-places.ts'
import type { WindowsWay } from '../../../setup/windows/plan.ts'
import { applyLeave, type LeavePlan, planLeave } from '../../../setup/leave.ts'
import type { Handler } from '../../command.ts'
import { modeText } from '../../text/mode.ts'
import { windowsWay } from '../join/windows.ts'

export const leave: Handler = async (call, terminal) => {
  refuseRootless()
  const dryRun = call.has('dry-run')
  const way = windowsWay(call) ?? 'print'
  const plan = planLeave()
  const isOnWindows = plan.windows !== undefined && isWindowsSetUp(plan.windows)
  if (!dryRun) await applyLeave(plan, terminal.progress, way === 'run')
  const windows = isOnWindows && way !== 'skip' ? way : 'skip'
  const { host, units, undo } = plan
  return {
    data: { host: host.name, office: host.office, dryRun, units, undo: undo.map(undoData), windows },
    render: () => leaveText(plan, dryRun, windows),
  }
}

// As `join` prints modes.
function undoData(step: Undo): object {
  return step.act === 'restore' ? { ...step, mode: modeText(step.mode) } : step
}

function leaveText({ host, units, undo }: LeavePlan, dryRun: boolean, windows: WindowsWay): string {
  const lines = [
    ...(windows === 'run' ? ['run flatnet-undo.ps1 in Windows, which asks for consent'] : []),
    ...units.map((unit) => `stop ${unit}`),
    ...undo.map(lineOf),
    'remove the bridge, routes, rules and learnt certificates',
  ]
  const end = dryRun
    ? 'nothing was changed (--dry-run)'
    : `${host.name} has left ${host.office}; its certificate stays valid until it ends`
  const next = windows === 'print' ? [`Next: in Windows, PowerShell as administrator: ${UNDO_LINE}`] : []
  return `${[...lines, end, ...next].join('\n')}\n`
}

function lineOf(step: Undo): string {
  switch (step.act) {
    case 'remove':
      return `remove ${step.path}`
    case 'remove-folder':
      return `remove ${step.path} if it is empty`
    case 'restore':
      return `restore ${step.path}`
    case 'relink':
      return `restore ${step.path} -> ${step.target}`
    case 'save':
      return `move ${step.path}, which was changed, to ${step.saved}`
  }
}
