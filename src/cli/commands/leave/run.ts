// `flatnet-cni leave`: undoes join.

import { refuseRootless } from '../../../kernel/proc.ts'
import type { Undo } from '../../../provision/host/undo.ts'
import { applyLeave, type LeavePlan, planLeave } from '../../../setup/leave.ts'
import type { Handler } from '../../command.ts'

export const leave: Handler = async (call, terminal) => {
  refuseRootless()
  const dryRun = call.has('dry-run')
  const plan = planLeave()
  if (!dryRun) await applyLeave(plan, terminal.progress)
  const { host, units, undo } = plan
  return {
    data: { host: host.name, office: host.office, dryRun, units, undo },
    render: () => leaveText(plan, dryRun),
  }
}

function leaveText({ host, units, undo }: LeavePlan, dryRun: boolean): string {
  const lines = [
    ...units.map((unit) => `stop ${unit}`),
    ...undo.map(lineOf),
    'remove the bridge, routes, rules and learnt certificates',
  ]
  const end = dryRun
    ? 'nothing was changed (--dry-run)'
    : `${host.name} has left ${host.office}; its certificate stays valid until it ends`
  return `${[...lines, end].join('\n')}\n`
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
