// Runs the check of this host from start to end: select the items, gather what they need, judge, report.

import { hostname } from 'node:os'
import { ITEMS } from '../check/items.ts'
import { type GatheredFacts, judgeItem } from '../check/judge.ts'
import { makeReport, type Report } from '../check/report.ts'
import { type Selection, selectItems } from '../check/select.ts'
import { isLate } from '../cni/late.ts'
import { SETTINGS_FILE } from '../config/settings.ts'
import { findAskedPeers } from './asked-peers.ts'
import { type AskedPeer, GATHER_LIMIT_MS, QUESTION_PART } from './context.ts'
import { gather } from './gather.ts'

export interface DiagnoseOptions extends Selection {
  /** Warnings count as failures. */
  readonly strict?: boolean
  /** Version and commit, for the report. */
  readonly flatnet?: string
  readonly settingsFile?: string
  /** Names or addresses of hosts whose agents are asked for their view. */
  readonly askPeers?: readonly string[]
  /** Milliseconds of own time for everything (src/exec/deadline.ts). */
  readonly limitMs?: number
}

// This item compares their answers, so it is always selected.
const ASKING_ITEM = 'PATH-010'

/** The hosts to ask, or what the agent that knows them was too late with. */
type Asked = { readonly peers: readonly AskedPeer[] } | { readonly late: string }

/**
 * Checks this host without changing anything on it.
 * @throws CniError InvalidConfig for an unknown id, group or host, or when no item is left; AgentUnreachable
 * when hosts must be asked and no agent runs
 */
export async function diagnose(options: DiagnoseOptions = {}): Promise<Report> {
  const { strict = false, flatnet = 'unbuilt', settingsFile = SETTINGS_FILE, askPeers = [] } = options
  const { limitMs = GATHER_LIMIT_MS } = options
  const [started, startedMs] = [Date.now(), performance.now()]
  const items = selectItems(ITEMS, { ...options, always: askPeers.length > 0 ? [ASKING_ITEM] : [] })
  const asked = await whomToAsk(askPeers, settingsFile, limitMs * QUESTION_PART)
  const isLost = 'late' in asked
  const { facts, waitedFor } = await gather(
    items.flatMap(({ needs }) => needs),
    {
      now: Math.floor(started / 1000),
      settingsFile,
      askPeers: isLost ? [] : asked.peers,
      limitMs: isLost ? limitMs * (1 - QUESTION_PART) : limitMs,
    },
  )
  const known: GatheredFacts = isLost ? { ...facts, peerViews: asked } : facts
  return makeReport(
    items.map((item) => judgeItem(item, known)),
    {
      at: new Date(started).toISOString(),
      durationMs: Math.round(performance.now() - startedMs),
      host: hostname(),
      flatnet,
      strict,
      timeoutMs: limitMs,
      waitedFor: [...new Set(isLost ? [asked.late, ...waitedFor] : waitedFor)],
    },
  )
}

// An agent that is alive but busy is late, as it is for every other item.
async function whomToAsk(wanted: readonly string[], settingsFile: string, timeoutMs: number): Promise<Asked> {
  try {
    return { peers: await findAskedPeers(wanted, settingsFile, timeoutMs) }
  } catch (error) {
    if (!isLate(error)) throw error
    return { late: error.details }
  }
}
