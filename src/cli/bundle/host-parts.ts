// What flatnet itself has to say of the host: the answers of the other commands, without the moment they were given at.

import { diagnose } from '../../diagnose/run.ts'
import { heldAddresses } from '../../host/addresses.ts'
import { collect } from '../../host/collect.ts'
import { listContainers } from '../../host/containers.ts'
import type { Settings } from '../../config/settings.ts'
import { collectionData } from '../gc.ts'
import { listData } from '../ipam.ts'
import { pathHistory } from '../path-history.ts'
import { pathData } from '../path.ts'
import { programFacts } from '../program.ts'
import { statusData, type StatusReport } from '../status.ts'
import type { Part } from './parts.ts'
import { steadyReport } from './steady-report.ts'

// An archive may take its time: what a busy host had no time to see would be missed later.
const FACT_MS = 10_000

/** @param settings undefined where they are damaged: what needs them is left out then */
export function hostParts(report: StatusReport, settings: Settings | undefined): readonly Part[] {
  const { now, paths } = report
  const { program, commit } = programFacts()
  const always: Part[] = [
    { path: 'status.json', read: () => ({ json: timeless(statusData(report)) }) },
    {
      path: 'check.json',
      read: async () => ({
        json: steadyReport(await diagnose({ flatnet: `${program} ${commit}`, limitMs: FACT_MS })),
      }),
    },
  ]
  if (settings === undefined) return always
  const { stateDir } = settings
  const name = report.host.identity?.name ?? 'this host'
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
    { path: 'ipam.json', read: () => ({ json: versioned(listData(heldAddresses(stateDir, now))) }) },
    {
      path: 'ps.json',
      read: async () => ({ json: versioned({ containers: await listContainers(stateDir, name, now) }) }),
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

function versioned(data: object): object {
  return { version: 1, ...data }
}

function timeless(data: object): object {
  const { at: _, ...rest } = data as { at?: unknown }
  return versioned(rest)
}
