// What the program tells an operator beside its result: JSON lines on standard error. Standard output belongs to the
// protocol.

import { writeWhole } from './exec/output.ts'

/** Fields of a line, with the names that all parts share. */
export interface LogFields {
  readonly network?: string
  readonly containerID?: string
  readonly ifname?: string
  readonly netns?: string
  readonly dev?: string
  readonly address?: string
  readonly peer?: string
  readonly file?: string
  readonly error?: string
  /** What was removed, and why. */
  readonly what?: string
  readonly why?: string
}

/** `msg` is constant per event; values go into the fields. */
export type Log = (level: 'info' | 'warn', msg: string, fields?: LogFields) => void

/** Writes one JSON line per event to standard error. */
export const logToStderr: Log = (level, msg, fields = {}) => {
  writeWhole(2, `${JSON.stringify({ level, msg, ...fields })}\n`)
}
