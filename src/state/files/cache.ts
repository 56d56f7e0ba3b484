// Files whose loss costs only time. A damaged or missing one is rebuilt.

import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolder, removeFile, replaceFile } from './atomic.ts'

/** Reads the JSON of a cache file, or returns undefined if it cannot be read. */
export function readCache(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

/** Reads the text of a cache file, or returns undefined if it cannot be read. */
export function readCachedText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** Writes a cache file as JSON. A failure (read-only, full) is ignored. */
export function writeCache(path: string, value: unknown): void {
  writeCachedText(path, `${JSON.stringify(value)}\n`)
}

/** Writes a cache file as it is. A failure is ignored. */
export function writeCachedText(path: string, text: string): void {
  try {
    makeFolder(dirname(path))
    replaceFile(path, text, false)
  } catch {
    return
  }
}

/** Removes a cache file. A failure is ignored. */
export function dropCache(path: string): void {
  try {
    removeFile(path)
  } catch {
    return
  }
}
