// Files of lines that only ever grow. A line is on the disk before its writer goes on.

import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs'

/**
 * Appends a line. What a process that died had not finished to write is cut off first.
 * @param tornBytes the bytes behind the last complete line, as read before
 */
export function appendLine(path: string, line: string, tornBytes: number): void {
  const file = openSync(path, 'a', 0o600)
  try {
    const complete = fstatSync(file).size - tornBytes
    if (tornBytes > 0) ftruncateSync(file, complete)
    try {
      const bytes = Buffer.from(line)
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
      fsyncSync(file)
    } catch (error) {
      // A full disk takes part of a line.
      ftruncateSync(file, complete)
      throw error
    }
  } finally {
    closeSync(file)
  }
}
