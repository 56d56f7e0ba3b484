// Files whose loss costs nothing but time. A damaged or missing one is made again.

import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolder, replaceFile } from './atomic.ts'

/** The JSON of a cache file, or undefined when there is none that can be read. */
export function readCache(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

/** Writes a cache file; that it cannot be written (read-only, full) is no reason to fail. */
export function writeCache(path: string, value: unknown): void {
  try {
    makeFolder(dirname(path))
    replaceFile(path, `${JSON.stringify(value)}\n`, false)
  } catch {
    return
  }
}
