// `flatnet-cni gc`: what GC does, for every network of this host, with a reason for each thing.

import { refuseRootless } from '../exec/proc.ts'
import { type Collection, collect } from '../host/collect.ts'
import { loadSettings } from '../host/settings.ts'
import { logToStderr } from '../log.ts'
import type { Handler } from './command.ts'

/** Collects and reports; 1 when something could not be removed. */
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

/** A collection as --json has it. */
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
