// What join has left on Windows, as far as this host knows.

import { dirname } from 'node:path'
import { parsePlaces, type SyncPlaces } from '../../provision/windows/sync-files.ts'
import { readText } from '../files/atomic.ts'
import { isThere } from '../files/output-file.ts'

/** Where the agent and `leave` find what is on Windows. */
export const PLACES_FILE = '/etc/flatnet/windows.json'

/** Returns the places; undefined where join has not planned for Windows. @throws CniError */
export function windowsPlaces(): SyncPlaces | undefined {
  const text = readText(PLACES_FILE)
  return text === undefined ? undefined : parsePlaces(text, PLACES_FILE)
}

/** Tells whether Windows was set up. */
export function isWindowsSetUp({ status }: SyncPlaces): boolean {
  return isThere(`${dirname(status)}/flatnet-undo.ps1`)
}
