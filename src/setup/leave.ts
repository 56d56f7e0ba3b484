// Takes flatnet off this host, by the journal of join alone.

import { dirname } from 'node:path'
import { CniCode, CniError } from '../cni/error.ts'
import { parseSettings, type Settings } from '../config/settings.ts'
import { systemctl } from '../exec/system/systemctl.ts'
import { joinedHost, type JoinedHost, pathHistories } from '../provision/host/journal.ts'
import { START_SCRIPT } from '../provision/host/wanted.ts'
import { type Undo, undoSteps, unitsToStop } from '../provision/host/undo.ts'
import type { Found } from '../provision/host/step.ts'
import { run } from '../exec/run.ts'
import { loadSettings } from '../host/identity/settings.ts'
import { openStore } from '../state/addresses/store.ts'
import { clearKernel } from './clear-kernel.ts'
import { type JournalFile, openJournal } from '../state/joined/journal-file.ts'
import type { SyncPlaces } from '../provision/windows/sync-files.ts'
import { isWindowsSetUp, windowsPlaces } from '../state/joined/windows-places.ts'
import { forgetWanted, undoWindows } from './windows/apply.ts'
import {
  clearTemporaries,
  lookAt,
  moveAside,
  putCopy,
  relink,
  removeEmptyFolder,
  removePath,
  removeTree,
} from '../state/joined/places.ts'

/** All that leave will do. */
export interface LeavePlan {
  readonly host: JoinedHost
  readonly journal: JournalFile
  readonly units: readonly string[]
  /** The start script is there, so it may run Nebula and the agent. */
  readonly hasScript: boolean
  readonly undo: readonly Undo[]
  /** What is removed besides: folders of the agent and the plugin. */
  readonly folders: readonly string[]
  readonly bridge: string
  /** What of flatnet is on Windows. */
  readonly windows: SyncPlaces | undefined
}

// In the agent's folder of data, which also holds the journal.
const LEARNT = ['peers', 'history', 'registry', 'statements']
const LOGS = ['/var/log/flatnet-agent.log', '/var/log/flatnet-nebula.log']

/** Plans. @throws CniError for a host that was not joined */
export function planLeave(): LeavePlan {
  const journal = openJournal()
  const entries = journal.entries()
  const host = joinedHost(entries)
  if (host === undefined)
    throw new CniError(
      CniCode.InvalidConfig,
      'host not joined',
      `${journal.path}: there is no journal of join, so nothing is known of what to take away; what was ` +
        'set up by hand is removed by hand',
    )
  const settings = settingsAnyway()
  refuseAttached(settings.stateDir)
  const found = new Map(pathHistories(entries).map(({ path }): [string, Found] => [path, lookAt(path)]))
  return {
    host,
    journal,
    units: unitsToStop(entries),
    hasScript: found.get(START_SCRIPT)?.kind === 'file',
    undo: undoSteps(entries, found),
    folders: [...LEARNT.map((name) => `${settings.dataDir}/${name}`), settings.stateDir, settings.runDir],
    bridge: settings.bridge,
    windows: windowsPlaces(),
  }
}

// Damaged settings must not keep a host from leaving.
function settingsAnyway(): Settings {
  try {
    return loadSettings({})
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    return parseSettings([])
  }
}

// Without the plugin no runtime could detach a container.
function refuseAttached(stateDir: string): void {
  const { records, damaged } = openStore(stateDir).list()
  const count = records.length + damaged.length
  if (count === 0) return
  throw new CniError(
    CniCode.TryAgainLater,
    'containers are attached',
    `${String(count)} ${count === 1 ? 'attachment remains' : 'attachments remain'}: remove the ` +
      'containers (flatnet-cni ps lists them), then run flatnet-cni gc',
  )
}

/**
 * Takes every step. A process that is killed meanwhile leaves a journal from which the next run goes on.
 * @throws CniError that names the path
 */
export async function applyLeave(
  { journal, units, hasScript, undo, folders, bridge, windows }: LeavePlan,
  say: (what: string) => void,
  mayAskWindows: boolean,
): Promise<void> {
  // First: where it is refused, everything is as it was.
  if (windows !== undefined && mayAskWindows && isWindowsSetUp(windows)) {
    say('Windows asks for your consent: answer its question')
    await undoWindows(windows)
  }
  for (const unit of units) {
    say(`stop ${unit}`)
    await systemctl('disable', '--now', unit)
  }
  if (hasScript) {
    say(`${START_SCRIPT} stop`)
    await run({ file: 'sh', args: [START_SCRIPT, 'stop'] })
  }
  for (const { path } of pathHistories(journal.entries())) clearTemporaries(dirname(path))
  say('remove bridge, routes and rules')
  await clearKernel(bridge)
  for (const folder of folders) removeTree(folder)
  if (windows !== undefined) forgetWanted(windows)
  for (const log of LOGS) for (const path of [log, `${log}.1`]) removePath(path)
  for (const step of undo) {
    say(`${step.act} ${step.path}`)
    take(step, journal)
  }
  if (units.length > 0) await systemctl('daemon-reload')
  journal.remove()
  removeEmptyFolder('/var/lib/flatnet')
}

function take(step: Undo, journal: JournalFile): void {
  switch (step.act) {
    case 'remove':
      return removePath(step.path)
    case 'remove-folder':
      return removeEmptyFolder(step.path)
    case 'save':
      return moveAside(step.path, step.saved)
    case 'restore':
      return putCopy(journal.copyAt(step.backup), step.path, step.mode)
    case 'relink':
      return relink(step.path, step.target)
  }
}
