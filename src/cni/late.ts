// Failures by timeout. They prove nothing about the thing waited for, because this process or the one that
// should have answered may have been starved of processor time.

import { type CniCode, CniError } from './error.ts'

const LATE = Symbol('late')

/** Returns the error for something that did not happen in time. */
export function tooLate(code: CniCode, message: string, details: string): CniError {
  return new CniError(code, message, details, { cause: LATE })
}

/** Returns whether {@link tooLate} made the error. */
export function isLate(error: unknown): error is CniError {
  return error instanceof CniError && error.cause === LATE
}
