// What flatnet itself reports about the host: the answers of the other commands, without timestamps.

import { diagnose } from '../../../diagnose/run.ts'
import { heldAddresses } from '../../../host/attachments/addresses.ts'
import { collect } from '../../../host/garbage/collect.ts'
import { listContainers } from '../../../host/attachments/containers.ts'
import type { Settings } from '../../../config/settings.ts'
import { collectionData } from '../gc/run.ts'
import { listData } from '../ipam/run.ts'
import { pathHistory } from '../path/history.ts'
import { pathData } from '../path/run.ts'
import { programFacts } from '../../program.ts'
import { statusData, type StatusReport } from '../status/report.ts'
import type { Part } from './parts.ts'
import { steadyReport } from './steady-report.ts'

/**
 * Returns the parts.
 * @param settings undefined where they are damaged; the parts that need them are then left out
 */
export function hostParts(report: StatusReport, settings: Settings | undefined): readonly Part[] {
  const { now, paths } = report
  const { program, commit } = programFacts()
  // A runtime that hangs is waited for during the check, which asks it as well.
  const named = settings && once(() => listContainers(settings.stateDir, nameOf(report)))
  const always: Part[] = [
    { path: 'status.json', read: () => ({ json: timeless(statusData(report)) }) },
    {
      path: 'check.json',
      read: async () => {
        named?.().catch(() => undefined)
        return { json: steadyReport(await diagnose({ flatnet: `${program} ${commit}` })) }
      },
    },
  ]
  if (settings === undefined || named === undefined) return always
  const { stateDir } = settings
  return [
    ...always,
    {
      path: 'path.json',
      read: () => (paths === undefined ? undefined : { json: versioned(pathData(paths)) }),
    },
    {
      path: 'history.json',
      read: () => ({ json: versioned(pathHistory(settings, paths?.peers ?? [], undefined, now).data) }),
    },
    { path: 'ipam.json', read: () => ({ json: versioned(listData(heldAddresses(stateDir))) }) },
    {
      path: 'ps.json',
      read: async () => ({ json: versioned(await named()) }),
    },
    {
      path: 'gc.json',
      read: async () => {
        const found = await collect({ own: {}, stateDir, valid: [], now, dryRun: true, log: () => undefined })
        return { json: versioned(collectionData(found, true)) }
      },
    },
  ]
}

function nameOf({ host }: StatusReport): string {
  return host.identity?.name ?? 'this host'
}

function once<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let running: Promise<Result> | undefined
  return () => (running ??= work())
}

function versioned(data: object): object {
  return { version: 1, ...data }
}

function timeless(data: object): object {
  const { at: _, ...rest } = data as { at?: unknown }
  return versioned(rest)
}
