// Files that an operator asked for by name.

import { writeFileSync } from 'node:fs'
import { CniCode, CniError } from '../cni/error.ts'

/** Writes the whole text, over what was there. @throws CniError IoFailure that names the file */
export function writeReport(path: string, text: string): void {
  try {
    writeFileSync(path, text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CniError(CniCode.IoFailure, 'report not written', `${path}: ${reason}`, { cause: error })
  }
}
