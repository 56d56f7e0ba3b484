// Runs the setup script on Windows, or its undoing, with one question to the user of Windows.

import { createHash } from 'node:crypto'
import { dirname, basename } from 'node:path'
import { CniCode, CniError } from '../../cni/error.ts'
import { elevated, runFile, runUndo } from '../../provision/windows/launch.ts'
import { judgeLaunch, parseReport, type WindowsReport } from '../../provision/windows/report.ts'
import type { SyncPlaces } from '../../provision/windows/sync-files.ts'
import { makeFolder, readText, removeFile, replaceFile } from '../../state/files/atomic.ts'
import { removeTree } from '../../state/files/installed-file.ts'
import { writeOutput } from '../../state/files/output-file.ts'
import { isWindowsSetUp } from '../../state/joined/windows-places.ts'
import { runPowerShell } from './interop.ts'
import { SETUP_FILE, type WindowsJoin } from './plan.ts'

// The user reads what Windows asks, and may have to fetch an administrator.
const CONSENT_MS = 900_000
const UNDO = 'C:\\Program Files\\flatnet\\flatnet-undo.ps1'

/** Sets Windows up. It can be repeated after it was stopped. @throws CniError that says what to do by hand */
export async function setWindowsUp(windows: WindowsJoin): Promise<WindowsReport> {
  const { setup, temp, report } = windows
  const sha256 = createHash('sha256').update(setup).digest('hex')
  const name = `flatnet-setup-${sha256.slice(0, 12)}.ps1`
  const here = `${temp.here}/${name}`
  writeOutput(here, setup)
  // What an earlier run has left must not pass for this one's.
  const before = readText(report)
  try {
    const inner = runFile(`${temp.there}\\${name}`, sha256)
    const { exitCode, stderr } = await runPowerShell(elevated(inner), CONSENT_MS)
    judgeLaunch(exitCode, stderr, `by hand: run ${SETUP_FILE} in a PowerShell started as administrator`)
    const text = readText(report)
    if (text === undefined || (exitCode !== 0 && text === before))
      throw new CniError(CniCode.CommandRefused, 'Windows not set up', `${report}: the script left no report`)
    return parseReport(text, report)
  } finally {
    removeFile(here)
  }
}

/** Leaves for the task of Windows what it needs before the agent runs. */
export function askFirst({ places, firstWanted }: WindowsJoin): void {
  makeFolder(dirname(places.wanted))
  replaceFile(places.wanted, firstWanted, false)
}

/** What to type on Windows to take flatnet away there. */
export const UNDO_LINE = `powershell -NoProfile -ExecutionPolicy Bypass -File "${UNDO}"`

/** Takes everything back on Windows. @throws CniError that says what to do by hand */
export async function undoWindows(places: SyncPlaces): Promise<void> {
  const { exitCode, stderr } = await runPowerShell(elevated(runUndo()), CONSENT_MS)
  const byHand =
    `in a PowerShell started as administrator: ${UNDO_LINE}; ` + 'or leave Windows alone: --windows skip'
  judgeLaunch(exitCode, stderr, byHand)
  if (exitCode === 0 && !isWindowsSetUp(places)) return
  throw new CniError(CniCode.CommandRefused, 'Windows not undone', `a step failed; ${byHand}`)
}

/** Removes what the agent has left for the task. */
export function forgetWanted({ wanted }: SyncPlaces): void {
  const folder = dirname(wanted)
  if (basename(folder) === 'flatnet') removeTree(folder)
}
