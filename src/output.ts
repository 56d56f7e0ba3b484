// Writes to standard output and error without process.stdout, whose streams cost a CNI verb 3 ms to load.

import { writeSync } from 'node:fs'
import { errnoCode } from './cni/error.ts'

/**
 * Writes the whole text to a file descriptor (1 or 2) before it returns, also to a pipe that takes little at
 * once.
 * @returns false if the reader has gone
 */
export function writeWhole(descriptor: 1 | 2, text: string): boolean {
  const bytes = Buffer.from(text)
  for (let written = 0; written < bytes.length;) {
    try {
      written += writeSync(descriptor, bytes, written)
    } catch (error) {
      if (errnoCode(error) === 'EPIPE') return false
      // A reader that set O_NONBLOCK on a pipe shared with us (pipe(7)): there is nothing to do but wait for
      // it.
      if (errnoCode(error) !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
    }
  }
  return true
}
