// The error object on standard output (CNI SPEC 1.1.0, section 5, "Error").

import { CniCode, CniError } from './error.ts'
import { NEWEST_VERSION } from './supported.ts'

/**
 * Renders a failure as one JSON line. Uses the version that the configuration asked for if it can be read,
 * because the runtime decodes the error by it. An error that is not a CniError is a bug: code 999, without
 * its stack.
 * @param stdin the configuration as text, even if damaged
 */
export function renderError(error: unknown, stdin: string): string {
  const known = error instanceof CniError ? error : internal(error)
  const details = known.details === '' ? {} : { details: known.details }
  return (
    JSON.stringify({ cniVersion: askedVersion(stdin), code: known.code, msg: known.message, ...details }) +
    '\n'
  )
}

function internal(error: unknown): CniError {
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return new CniError(
    CniCode.Internal,
    'internal error',
    `${reason} (a bug in flatnet-cni, please report it)`,
  )
}

function askedVersion(stdin: string): string {
  const asked = /"cniVersion"\s*:\s*"(\d{1,4}\.\d{1,4}\.\d{1,4})"/.exec(stdin)?.[1]
  return asked ?? NEWEST_VERSION
}
