// `flatnet-cni gc`: collects garbage on every network of this host, with a reason for each thing removed.

import { refuseRootless } from '../../../kernel/proc.ts'
import { type Collection, collect } from '../../../host/garbage/collect.ts'
import { loadSettings } from '../../../host/identity/settings.ts'
import { logToStderr } from '../../../log.ts'
import type { Handler } from '../../command.ts'

/** Runs a collection and reports it; exit code 1 when something could not be removed. */
export const gc: Handler = async (call) => {
  refuseRootless()
  const dryRun = call.has('dry-run')
  const { stateDir } = loadSettings({})
  const found = await collect({ own: {}, stateDir, valid: [], now: new Date(), dryRun, log: logToStderr })
  return {
    data: collectionData(found, dryRun),
    render: () => asLines(found, dryRun),
    exitCode: found.failures.length === 0 ? 0 : 1,
  }
}

/** Returns a collection as printed with --json. */
export function collectionData({ removals, failures, notes }: Collection, dryRun: boolean): object {
  return { dryRun, removed: removals, failed: failures, notes }
}

function asLines({ removals, failures, notes }: Collection, dryRun: boolean): string {
  const verb = dryRun ? 'would remove' : 'removed'
  const lines = [
    ...removals.map(({ what, why }) => `${verb} ${what}: ${why}`),
    ...failures.map((failure) => `not removed: ${failure}`),
    ...notes.map((note) => `note: ${note}`),
  ]
  if (removals.length + failures.length === 0) lines.push('nothing to remove')
  return `${lines.join('\n')}\n`
}
