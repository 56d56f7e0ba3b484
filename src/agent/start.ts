// `flatnet-cni agent`: reads its words, starts the agent, and ends with it.

import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { CniError, errnoCode } from '../cni/error.ts'
import { agentSettingsJson, parseAgentSettings } from '../config/agent-settings.ts'
import { refuseRootless } from '../exec/proc.ts'
import { loadSettings, runDirForWithdrawal } from '../host/settings.ts'
import { logToStderr } from '../log.ts'
import { livingAgent } from '../state/agent-lease.ts'

/** Runs until SIGTERM or SIGINT. Resolves to the exit code: 0 ended in good order, 1 failed, 2 not understood. */
export async function runAgent(argv: readonly string[]): Promise<number> {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        'print-config': { type: 'boolean', default: false },
        withdraw: { type: 'boolean', default: false },
      },
    })
    if (values['print-config']) return printConfig()
    refuseRootless()
    if (values.withdraw) return await withdraw()
    keepHeapSmall()
    const { serveUntilSignal } = await import('./serve.ts')
    return await serveUntilSignal(logToStderr)
  } catch (error) {
    if (errnoCode(error)?.startsWith('ERR_PARSE_ARGS') === true) {
      process.stderr.write(`flatnet-cni agent: ${(error as Error).message}\nTry: flatnet-cni agent --help\n`)
      return 2
    }
    if (!(error instanceof CniError)) throw error
    process.stderr.write(`flatnet-cni agent: ${error.message}\n  ${error.details}\n`)
    return 1
  }
}

// V8 lets the heap grow for speed, which nobody here waits for: what datagrams leave behind is collected while it is little.
function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--optimize-for-size')
}

function printConfig(): number {
  const { agent, bridge, stateDir, runDir } = loadSettings({})
  const settings = agentSettingsJson(parseAgentSettings(agent.value, agent.path))
  process.stdout.write(`${JSON.stringify({ agent: settings, bridge, stateDir, runDir }, null, 2)}\n`)
  return 0
}

// systemd's ExecStopPost: whatever became of the agent and of the settings, its P2P routes go.
async function withdraw(): Promise<number> {
  const { withdrawAll } = await import('../host/agent-routes.ts')
  const runDir = runDirForWithdrawal(logToStderr)
  // Whoever asks may only have failed to start a second one.
  if (livingAgent(runDir) === undefined) await withdrawAll(runDir)
  return 0
}
