// An error as one line of a report.

import { CniError } from '../cni/error.ts'

/** What went wrong, without a stack. */
export function reasonOf(error: unknown): string {
  if (error instanceof CniError) return `${error.message}: ${error.details}`
  return error instanceof Error ? error.message : String(error)
}
