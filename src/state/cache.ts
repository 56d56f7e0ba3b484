// Files whose loss costs nothing but time. A damaged or missing one is made again.

import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolder, removeFile, replaceFile } from './atomic.ts'

/** The JSON of a cache file, or undefined when there is none that can be read. */
export function readCache(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

/** The text of a cache file, or undefined when there is none that can be read. */
export function readCachedText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** Writes a cache file as JSON; that it cannot be written (read-only, full) is no reason to fail. */
export function writeCache(path: string, value: unknown): void {
  writeCachedText(path, `${JSON.stringify(value)}\n`)
}

/** Writes a cache file as it is. */
export function writeCachedText(path: string, text: string): void {
  try {
    makeFolder(dirname(path))
    replaceFile(path, text, false)
  } catch {
    return
  }
}

/** Removes a cache file; that it cannot be removed is no reason to fail either. */
export function dropCache(path: string): void {
  try {
    removeFile(path)
  } catch {
    return
  }
}
