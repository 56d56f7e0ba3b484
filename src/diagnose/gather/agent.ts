// Gathers the agent's answers and the traces of it that other programs see.

import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { askStatus } from '../../api/agent-status.ts'
import { socketObstacle, socketPath } from '../../api/socket.ts'
import type { StatusView } from '../../views/paths.ts'
import { buildInfo } from '../../build-info.ts'
import type { Facts } from '../../check/facts.ts'
import { readMetrics } from '../../check/reading/prometheus-text.ts'
import { CniError, errorText } from '../../cni/error.ts'
import { isLate } from '../../cni/late.ts'
import { parseAgentSettings } from '../../config/agent-settings.ts'
import { startDeadline } from '../../exec/deadline.ts'
import { livingAgent } from '../../state/agent/heartbeat.ts'
import { readText } from '../../state/files/atomic.ts'
import { portHolder } from '../../kernel/port-holder.ts'
import { processStartTime } from '../../kernel/presence.ts'
import { whyNotWritable } from '../../state/files/writable.ts'
import { type GatherContext, QUESTION_PART } from '../context.ts'
import { fetchText } from '../fetch-text.ts'

const STALLS = 'agent_stalls_total'

// Milliseconds of own time to wait for a heartbeat that is due.
const HEARTBEAT_MS = 2000
const LOOK_AGAIN_MS = 100

export async function gatherAgent({ get, limitMs }: GatherContext): Promise<Facts['agent']> {
  const { runDir, agent } = await get('settings')
  const { port, dataDir } = parseAgentSettings(agent.value, agent.path)
  const path = socketPath(runDir)
  const obstacle = socketObstacle(runDir)
  const stat = obstacle === undefined ? statSync(path, { throwIfNoEntry: false }) : undefined
  const [asked, metrics] = await Promise.all([
    ask(runDir, limitMs * QUESTION_PART),
    metricsOf(`http://127.0.0.1:${String(port)}/metrics`, limitMs * QUESTION_PART),
  ])
  return {
    socket: {
      path,
      exists: stat !== undefined,
      obstacle,
      mode: (stat?.mode ?? 0) & 0o777,
      uid: stat?.uid ?? 0,
    },
    ...asked,
    own: buildInfo(),
    ownsRoutes: await ownsRoutes(runDir, asked.status !== undefined),
    guardPid: guardOf(runDir),
    closedPorts: (asked.status?.closedPorts ?? []).map((each) => ({ ...each, holder: portHolder(each) })),
    stalls: metrics.stalls,
    metrics: { url: metrics.url, problem: metrics.problem },
    history: historyOf(join(dataDir, 'history')),
  }
}

// An agent that has answered is alive: on a busy machine its heartbeat may be late.
async function ownsRoutes(runDir: string, hasAnswered: boolean): Promise<boolean> {
  let isOver = !hasAnswered
  const { clear } = startDeadline(HEARTBEAT_MS, () => (isOver = true))
  try {
    for (;;) {
      if (livingAgent(runDir) !== undefined) return true
      if (isOver) return false
      await sleep(LOOK_AGAIN_MS)
    }
  } finally {
    clear()
  }
}

async function ask(runDir: string, timeoutMs: number): Promise<Pick<Facts['agent'], 'status' | 'problem'>> {
  try {
    const said = (await askStatus(runDir, { timeoutMs })) as Partial<StatusView>
    if (said.agent !== undefined && Array.isArray(said.peers))
      return { status: said as StatusView, problem: undefined }
    return { status: undefined, problem: 'its answer is not a status' }
  } catch (error) {
    if (isLate(error)) throw error
    if (!(error instanceof CniError)) throw error
    return { status: undefined, problem: errorText(error) }
  }
}

// Lateness is a fault here: the same process has already answered, or another item
// reports what is wrong with it.
async function metricsOf(
  url: string,
  limitMs: number,
): Promise<{ url: string; problem: string | undefined; stalls: number | undefined }> {
  try {
    const text = await fetchText(url, limitMs)
    const stalls = readMetrics(text, [STALLS]).get(STALLS)
    return {
      url,
      problem: text.includes('flatnet_build_info') ? undefined : 'another program answers there',
      stalls,
    }
  } catch (error) {
    return { url, problem: errorText(error), stalls: undefined }
  }
}

function guardOf(runDir: string): number | undefined {
  try {
    const pid = Number(readText(`${runDir}/guard.pid`)?.trim() ?? '')
    return Number.isInteger(pid) && pid > 0 && processStartTime(pid) !== undefined ? pid : undefined
  } catch {
    return undefined // An unreadable file names no guard.
  }
}

function historyOf(path: string): Facts['agent']['history'] {
  return { path, problem: whyNotWritable(path) }
}
