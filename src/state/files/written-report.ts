// Files that an operator asked for by name.

import { writeFileSync } from 'node:fs'
import { CniCode, CniError, errorText } from '../../cni/error.ts'

/** Writes the text and replaces what was there. @throws CniError IoFailure that names the file */
export function writeReport(path: string, text: string): void {
  try {
    writeFileSync(path, text)
  } catch (error) {
    throw new CniError(CniCode.IoFailure, 'report not written', `${path}: ${errorText(error)}`, {
      cause: error,
    })
  }
}
