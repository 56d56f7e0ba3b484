// The check of this host from start to end: choose the items, gather what they need, judge, report.

import { hostname } from 'node:os'
import { ITEMS } from '../check/items.ts'
import { judgeItem } from '../check/judge.ts'
import { makeReport, type Report } from '../check/report.ts'
import { type Selection, selectItems } from '../check/select.ts'
import { SETTINGS_FILE } from '../config/settings.ts'
import { findAskedPeers } from './asked-peers.ts'
import { gather } from './gather.ts'

export interface DiagnoseOptions extends Selection {
  /** Warnings count. */
  readonly strict?: boolean
  /** Version and commit, for the report. */
  readonly flatnet?: string
  readonly settingsFile?: string
  /** Names or addresses of hosts whose agents are asked for their half. */
  readonly askPeers?: readonly string[]
  /** Milliseconds for each fact. */
  readonly limitMs?: number
}

// What they say is compared by this item, whichever others are chosen.
const ASKING_ITEM = 'PATH-010'

// Another host is asked by one path and then by the other, three seconds each (src/agent/ask-host.ts).
const ASKING_LIMIT_MS = 7000

/**
 * Looks at this host and changes nothing on it.
 * @throws CniError InvalidConfig for an unknown id, group or host, or when no item is left; AgentUnreachable when hosts
 * are to be asked and no agent answers
 */
export async function diagnose(options: DiagnoseOptions = {}): Promise<Report> {
  const { strict = false, flatnet = 'unbuilt', settingsFile = SETTINGS_FILE, askPeers = [] } = options
  const limitMs = options.limitMs ?? (askPeers.length > 0 ? ASKING_LIMIT_MS : undefined)
  const started = Date.now()
  const items = selectItems(ITEMS, { ...options, always: askPeers.length > 0 ? [ASKING_ITEM] : [] })
  const asked = await findAskedPeers(askPeers, settingsFile)
  const facts = await gather(
    items.flatMap(({ needs }) => needs),
    {
      now: Math.floor(started / 1000),
      settingsFile,
      askPeers: asked,
      ...(limitMs === undefined ? {} : { limitMs }),
    },
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
