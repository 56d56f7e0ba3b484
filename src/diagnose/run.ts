// Runs the check of this host from start to end: select the items, gather what they need, judge, report.

import { hostname } from 'node:os'
import { ITEMS } from '../check/items.ts'
import { type GatheredFacts, type Judgement, judgeItem } from '../check/judge.ts'
import { makeReport, type Report } from '../check/report.ts'
import { type Selection, selectItems } from '../check/select.ts'
import { CniError } from '../cni/error.ts'
import { isLate } from '../cni/late.ts'
import { SETTINGS_FILE } from '../config/settings.ts'
import { loadSettings } from '../host/identity/settings.ts'
import { nebulaService } from '../host/nebula/service.ts'
import { isNebulaStep, type NebulaService, stepsHere } from '../nebula/service.ts'
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
    await named(
      items.map((item) => judgeItem(item, known)),
      settingsFile,
    ),
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

// Items know no name of what runs Nebula here.
async function named(judgements: readonly Judgement[], settingsFile: string): Promise<readonly Judgement[]> {
  const isSaid = judgements.some(({ findings }) => findings.some(({ next = [] }) => next.some(isNebulaStep)))
  if (!isSaid) return judgements
  const service = await serviceHere(settingsFile)
  return judgements.map(({ findings, ...rest }) => ({
    ...rest,
    findings: findings.map((finding) =>
      finding.next === undefined ? finding : { ...finding, next: stepsHere(finding.next, service) },
    ),
  }))
}

async function serviceHere(settingsFile: string): Promise<NebulaService> {
  try {
    return await nebulaService(loadSettings({}, settingsFile))
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    return { kind: 'unknown' }
  }
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
