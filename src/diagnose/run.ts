// The check of this host from start to end: choose the items, gather what they need, judge, report.

import { hostname } from 'node:os'
import { ITEMS } from '../check/items.ts'
import { judgeItem } from '../check/judge.ts'
import { makeReport, type Report } from '../check/report.ts'
import { type Selection, selectItems } from '../check/select.ts'
import { SETTINGS_FILE } from '../config/settings.ts'
import { gather } from './gather.ts'

export interface DiagnoseOptions extends Selection {
  /** Warnings count. */
  readonly strict?: boolean
  /** Version and commit, for the report. */
  readonly flatnet?: string
  readonly settingsFile?: string
  /** Milliseconds for each fact. */
  readonly limitMs?: number
}

/**
 * Looks at this host and changes nothing on it.
 * @throws CniError InvalidConfig for an unknown id or group
 */
export async function diagnose(options: DiagnoseOptions = {}): Promise<Report> {
  const { strict = false, flatnet = 'unbuilt', settingsFile = SETTINGS_FILE, limitMs } = options
  const started = Date.now()
  const items = selectItems(ITEMS, options)
  const facts = await gather(
    items.flatMap(({ needs }) => needs),
    { now: Math.floor(started / 1000), settingsFile, ...(limitMs === undefined ? {} : { limitMs }) },
  )
  return makeReport(
    items.map((item) => judgeItem(item, facts)),
    {
      at: new Date(started).toISOString(),
      durationMs: Date.now() - started,
      host: hostname(),
      flatnet,
      strict,
    },
  )
}
