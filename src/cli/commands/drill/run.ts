// `flatnet-cni drill PEER --for 10s`: has the agent block a peer's direct path, shows what happens, and
// reports the cost.

import { agentStatus } from '../../../api/agent-status.ts'
import { followAgent } from '../../../api/client.ts'
import {
  DRILL_LEAST_MS,
  DRILL_MOST_MS,
  type DrillLine,
  type DrillRequest,
  type DrillResult,
} from '../../../views/drill.ts'
import { CniCode, CniError } from '../../../cni/error.ts'
import { refuseRootless } from '../../../kernel/proc.ts'
import { loadSettings } from '../../../host/identity/settings.ts'
import { type Call, type Handler, misuse } from '../../command.ts'
import { drillText } from './text.ts'
import { parseDuration } from '../../text/duration.ts'
import { duration } from '../../text/figures.ts'
import { findPeer } from '../../../route/find-peer.ts'
import type { Terminal } from '../../terminal.ts'

/** The timer that lifts the block if nothing else does. */
export const TIMER =
  'The block is an entry with a timeout in the kernel: it expires even if this command or the ' +
  'agent is killed.'

export const drill: Handler = async (call, terminal) => {
  const forMs = wantedTime(call)
  refuseRootless()
  const { runDir } = loadSettings({})
  const { peers } = await agentStatus(runDir)
  const peer = findPeer(peers, call.operands[0] ?? '')
  if (peer.phase !== 'P2P_ACTIVE')
    throw new CniError(
      CniCode.InvalidConfig,
      `${peer.name} is not on the direct path`,
      `a drill has nothing to block: ${peer.detail === '' ? peer.reason : peer.detail}; ` +
        `see flatnet-cni path ${peer.name}`,
    )
  if (!(await isWanted(call, terminal, peer.name, forMs)))
    throw new CniError(
      CniCode.InvalidEnvironment,
      'drill not started',
      'nothing was changed; --yes skips the question',
    )
  // Names may be ambiguous, addresses are not.
  const result = await follow(runDir, { peer: peer.overlay[0] ?? peer.name, forMs }, call, terminal)
  return {
    data: { ...result, timer: TIMER },
    render: (theme) => drillText(theme, result, TIMER),
    exitCode: result.transitions.length > 0 && result.returnedAfterMs !== null ? 0 : 2,
  }
}

function wantedTime(call: Call): number {
  const text = call.value('for') ?? '10s'
  const forMs = parseDuration(text, '--for')
  if (forMs >= DRILL_LEAST_MS && forMs <= DRILL_MOST_MS) return forMs
  throw misuse(
    `--for ${JSON.stringify(text)} is out of range`,
    `a drill takes ${duration(DRILL_LEAST_MS)} to ${duration(DRILL_MOST_MS)}, written like 10s, 1500ms or 2m`,
  )
}

async function isWanted(call: Call, terminal: Terminal, peer: string, forMs: number): Promise<boolean> {
  if (call.has('yes')) return true
  return terminal.confirm(
    `Block the direct path to ${peer} for ${duration(forMs)}? Its connections use the gateway path ` +
      `meanwhile. ${TIMER}`,
  )
}

async function follow(
  runDir: string,
  body: DrillRequest,
  call: Call,
  terminal: Terminal,
): Promise<DrillResult> {
  const options = { method: 'POST', body, signal: terminal.gone } as const
  for await (const item of followAgent(runDir, '/v1/drill', options)) {
    const line = item as DrillLine
    if (line.kind === 'result') return line
    if (line.kind === 'failed') throw new CniError(CniCode.AgentUnreachable, line.message, line.details)
    if (call.isJson) terminal.progress(line.text)
    else terminal.emit(line, (theme) => `${theme.dim(duration(line.atMs).padStart(8))}  ${line.text}\n`)
  }
  throw new CniError(CniCode.AgentUnreachable, 'drill interrupted', TIMER)
}
