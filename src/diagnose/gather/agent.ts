// The agent of this host: what it says, and what others can see of it.

import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { askAgent } from '../../api/client.ts'
import { socketPath } from '../../api/socket.ts'
import type { StatusView } from '../../api/views.ts'
import { buildInfo } from '../../build-info.ts'
import type { Facts } from '../../check/facts.ts'
import { readMetrics } from '../../check/prometheus-text.ts'
import { CniError } from '../../cni/error.ts'
import { parseAgentSettings } from '../../config/agent-settings.ts'
import { livingAgent } from '../../state/agent-lease.ts'
import { readText } from '../../state/atomic.ts'
import { processStartTime } from '../../state/liveness.ts'
import type { GatherContext } from '../context.ts'
import { fetchText } from '../fetch-text.ts'

const LIMIT_MS = 700
const STALLS = 'agent_stalls_total'

export async function gatherAgent({ get }: GatherContext): Promise<Facts['agent']> {
  const { runDir, agent } = await get('settings')
  const { port, dataDir } = parseAgentSettings(agent.value, agent.path)
  const path = socketPath(runDir)
  const stat = statSync(path, { throwIfNoEntry: false })
  const [asked, metrics] = await Promise.all([
    ask(runDir),
    metricsOf(`http://127.0.0.1:${String(port)}/metrics`),
  ])
  return {
    socket: { path, exists: stat !== undefined, mode: (stat?.mode ?? 0) & 0o777, uid: stat?.uid ?? 0 },
    ...asked,
    own: buildInfo(),
    ownsRoutes: livingAgent(runDir) !== undefined,
    guardPid: guardOf(runDir),
    stalls: metrics.stalls,
    metrics: { url: metrics.url, problem: metrics.problem },
    history: historyOf(join(dataDir, 'history')),
  }
}

async function ask(runDir: string): Promise<Pick<Facts['agent'], 'status' | 'problem'>> {
  try {
    const said = (await askAgent(runDir, 'GET', '/v1/status', { timeoutMs: LIMIT_MS })) as Partial<StatusView>
    if (said.agent !== undefined && Array.isArray(said.peers))
      return { status: said as StatusView, problem: undefined }
    return { status: undefined, problem: 'it answers something else than its status' }
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    return { status: undefined, problem: `${error.message}: ${error.details}` }
  }
}

async function metricsOf(
  url: string,
): Promise<{ url: string; problem: string | undefined; stalls: number | undefined }> {
  try {
    const text = await fetchText(url, LIMIT_MS)
    const stalls = readMetrics(text, [STALLS]).get(STALLS)
    return {
      url,
      problem: text.includes('flatnet_build_info') ? undefined : 'something else answers there',
      stalls,
    }
  } catch (error) {
    return { url, problem: error instanceof Error ? error.message : String(error), stalls: undefined }
  }
}

function guardOf(runDir: string): number | undefined {
  try {
    const pid = Number(readText(`${runDir}/guard.pid`)?.trim() ?? '')
    return Number.isInteger(pid) && pid > 0 && processStartTime(pid) !== undefined ? pid : undefined
  } catch {
    return undefined // No guard can sit in what cannot be read.
  }
}

// Nothing is written to find out: access(2) knows read-only file systems, and the rest is counting.
function historyOf(path: string): Facts['agent']['history'] {
  let place = path
  while (!existsSync(place) && place !== '/') place = dirname(place)
  try {
    if (!statSync(place).isDirectory()) return { path, problem: `${place} is no folder` }
    accessSync(place, constants.W_OK)
    const { bavail, files, ffree } = statfsSync(place)
    if (bavail === 0 || (files > 0 && ffree === 0)) return { path, problem: 'the file system is full' }
    return { path, problem: undefined }
  } catch (error) {
    return { path, problem: error instanceof Error ? error.message : String(error) }
  }
}
