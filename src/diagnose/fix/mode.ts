// Changes the permissions of a file.

import { chmodSync } from 'node:fs'

/**
 * Sets the permission bits.
 * @param given path, mode as octal digits
 */
export function repairMode([path = '', mode = '']: readonly string[]): void {
  chmodSync(path, Number.parseInt(mode, 8))
}
