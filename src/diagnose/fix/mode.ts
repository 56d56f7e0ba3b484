// Permissions of a file.

import { chmodSync } from 'node:fs'

/** @param given path, mode as octal digits */
export function repairMode([path = '', mode = '']: readonly string[]): void {
  chmodSync(path, Number.parseInt(mode, 8))
}
