// `flatnet-cni status`: shows this host and every peer with its path at a glance.

import { type StatusReport, statusData, lookAtStatus } from './report.ts'
import { refuseRootless } from '../../../kernel/proc.ts'
import type { Handler } from '../../command.ts'
import { statusText } from './text.ts'

export const status: Handler = async (call) => {
  refuseRootless()
  const report = await lookAtStatus(new Date())
  return {
    data: statusData(report),
    render: (theme) => statusText(theme, report),
    exitCode: exitCode(report, call.has('strict')),
  }
}

function exitCode({ troubles, paths }: StatusReport, isStrict: boolean): number {
  if (troubles.some(({ level }) => level === 'fail')) return 2
  const peers = paths?.source === 'agent' ? paths.peers : []
  return isStrict && (troubles.length > 0 || peers.some((peer) => peer.troubles.length > 0)) ? 1 : 0
}
