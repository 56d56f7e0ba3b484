// Makes what rename(2), link(2) and mkdir(2) have put into a folder durable.

import { closeSync, fsyncSync, openSync } from 'node:fs'

/** Writes the folder itself to disk: fsync(2), DESCRIPTION, last paragraph. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
