// Tells when attachment records come, change or go, by inotify.

import { type FSWatcher, watch } from 'node:fs'
import { join } from 'node:path'

import { errnoCode } from '../../cni/error.ts'
import { makeFolder } from '../files/atomic.ts'
import { recordFolders } from './records.ts'

interface RecordWatch {
  /**
   * Watches networks that have come since; to be called now and then, in case the folder itself was replaced.
   */
  readonly renew: () => void
  readonly stop: () => void
}

/**
 * Watches the records of all networks from the first `renew` on.
 * @param onChange called for each change of a file, many times for one ADD
 */
export function watchRecords(stateDir: string, onChange: () => void): RecordWatch {
  const root = join(stateDir, 'attachments')
  const watchers = new Map<string, FSWatcher>()

  const drop = (folder: string): void => {
    watchers.get(folder)?.close()
    watchers.delete(folder)
  }
  const add = (folder: string, onEvent: () => void): void => {
    if (watchers.has(folder)) return
    try {
      const watcher = watch(folder, onEvent)
      // A folder that was removed takes its watch along; the next one is found by renew.
      watcher.on('error', () => drop(folder))
      watchers.set(folder, watcher)
    } catch (error) {
      // It has gone, or the kernel gives no further watches (inotify(7)): then only the regular looks remain.
      if (errnoCode(error) === undefined) throw error
    }
  }
  const renew = (): void => {
    makeFolder(root)
    add(root, () => {
      renew()
      onChange()
    })
    const folders = new Set(recordFolders(stateDir))
    for (const folder of watchers.keys()) if (folder !== root && !folders.has(folder)) drop(folder)
    for (const folder of folders) add(folder, onChange)
  }
  return {
    renew,
    stop: () => {
      for (const folder of watchers.keys()) drop(folder)
    },
  }
}
