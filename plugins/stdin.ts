// Reads a call's standard input to its end, because a runtime that cannot write all of it treats
// that as a failure.

import { readFileSync } from 'node:fs'
import { CniCode, CniError, errorText } from '../src/cni/error.ts'
import { decodeText } from '../src/config/source-text.ts'

/**
 * Reads standard input.
 * @param what its content, for messages
 * @throws CniError IoFailure, or DecodeFailure for an encoding other than UTF-8
 */
export function readStdin(what: string): string {
  // Reads bytes, because with an encoding Node 24.21 sometimes dies of SIGSEGV when a pipe delivers more
  // than a megabyte.
  let decoded
  try {
    decoded = decodeText(readFileSync(0))
  } catch (error) {
    const reason = errorText(error)
    throw new CniError(CniCode.IoFailure, 'standard input not readable', reason, { cause: error })
  }
  if ('text' in decoded) return decoded.text
  throw new CniError(CniCode.DecodeFailure, 'not valid JSON', `${what}: ${decoded.problem}`)
}
