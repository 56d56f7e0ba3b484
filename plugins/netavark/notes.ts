// The log lines of one call. podman shows standard error to its user even after a success, so the lines that
// CNI's verbs write there go to the system log.

import { type Log, logLine } from '../../src/log.ts'

/** The notes of one call. */
interface Notes {
  readonly log: Log
  /** What could not be undone after a failure, for the text of that failure. */
  readonly undone: readonly string[]
  /** Writes all notes to the system log. */
  readonly keep: () => Promise<void>
}

/** Makes notes, empty at first. */
export function makeNotes(): Notes {
  const lines: string[] = []
  const undone: string[] = []
  let level: 'info' | 'warning' = 'info'
  return {
    log: (severity, event, fields = {}) => {
      lines.push(logLine(severity, event, fields))
      if (severity === 'warn') level = 'warning'
      if (event === 'not undone') undone.push(`${event}: ${String(fields.error)}`)
    },
    undone,
    keep: async () => {
      if (lines.length === 0) return
      const { writeSystemLog } = await import('../../src/exec/system/system-log.ts')
      await writeSystemLog(level, lines)
    },
  }
}
