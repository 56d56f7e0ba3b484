// `flatnet-cni gc`: what GC does, for every network of this host, with a reason for each thing.

import { parseArgs } from 'node:util'
import { refuseRootless } from '../exec/proc.ts'
import { type Collection, collect } from '../host/collect.ts'
import { loadSettings } from '../host/settings.ts'
import { logToStderr } from '../log.ts'

/** What is printed, and whether everything could be removed. */
export interface GcReport {
  readonly text: string
  readonly isComplete: boolean
}

/** Collects and reports. @throws CniError, or TypeError for an argument it does not know */
export async function runGc(argv: readonly string[]): Promise<GcReport> {
  const { values } = parseArgs({
    args: [...argv],
    options: { 'dry-run': { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
  })
  refuseRootless()
  const dryRun = values['dry-run']
  const { stateDir } = loadSettings({})
  const found = await collect({ own: {}, stateDir, valid: [], now: new Date(), dryRun, log: logToStderr })
  return {
    text: values.json ? asJson(found, dryRun) : asLines(found, dryRun),
    isComplete: found.failures.length === 0,
  }
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

function asJson({ removals, failures, notes }: Collection, dryRun: boolean): string {
  return `${JSON.stringify({ version: 1, dryRun, removed: removals, failed: failures, notes }, null, 2)}\n`
}
