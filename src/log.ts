// The log: JSON lines on standard error for the operator. Standard output belongs to the protocol.

import { writeWhole } from './output.ts'

/** Fields of a line. All rooms share their names. */
interface LogFields {
  readonly network?: string
  readonly containerID?: string
  readonly ifname?: string
  readonly netns?: string
  readonly dev?: string
  readonly address?: string
  readonly peer?: string
  readonly file?: string
  readonly error?: string
  /** The removed thing, and the reason. */
  readonly what?: string
  readonly why?: string
}

/** `msg` is constant per event; values go into the fields. */
export type Log = (level: 'info' | 'warn', msg: string, fields?: LogFields) => void

/** Writes one JSON line per event to standard error. */
export const logToStderr: Log = (level, msg, fields = {}) => {
  writeWhole(2, `${logLine(level, msg, fields)}\n`)
}

/**
 * Returns a function that numbers each new key from 1. It returns undefined for a key that it has seen, and
 * for any after `most`, so that what recurs without end does not fill the log.
 */
export function numberNew(most: number): (key: string) => number | undefined {
  const seen = new Set<string>()
  return (key) => (seen.has(key) || seen.size >= most ? undefined : seen.add(key).size)
}

/** One event as a JSON line, without its end. */
export function logLine(...[level, msg, fields = {}]: Parameters<Log>): string {
  return JSON.stringify({ level, msg, ...fields })
}
