// `flatnet-cni agent`: parses its arguments, starts the agent, and ends with it.

import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { CniError, errnoCode } from '../cni/error.ts'
import { agentSettingsJson, parseAgentSettings } from '../config/agent-settings.ts'
import { refuseRootless } from '../kernel/proc.ts'
import { foldersOfDead, loadSettings } from '../host/identity/settings.ts'
import { type Log, logToStderr } from '../log.ts'
import { livingAgent } from '../state/agent/heartbeat.ts'

/** Runs until SIGTERM or SIGINT. Resolves to the exit code: 0 ended regularly, 1 failed, 2 usage error. */
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

// SIGHUP reads settings and certificates again.
async function serveUntilSignal(log: Log): Promise<number> {
  const { startAgent } = await import('./agent.ts')
  const agent = await startAgent(log)
  return new Promise((resolve) => {
    const stop = (): void => {
      process.off('SIGTERM', stop)
      process.off('SIGINT', stop)
      void agent.stop().then(() => resolve(0))
    }
    process.on('SIGTERM', stop)
    process.on('SIGINT', stop)
    process.on('SIGHUP', () => void agent.reload())
  })
}

// V8 trades memory for speed by default, and nothing here needs that speed. A small young generation
// keeps the garbage of messages small. Without TurboFan its code is not read into memory; Maglev compiles
// the hot functions.
function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--optimize-for-size')
  setFlagsFromString('--no-turbofan')
}

function printConfig(): number {
  const { agent, bridge, stateDir, runDir } = loadSettings({})
  const settings = agentSettingsJson(parseAgentSettings(agent.value, agent.path))
  process.stdout.write(`${JSON.stringify({ agent: settings, bridge, stateDir, runDir }, null, 2)}\n`)
  return 0
}

// systemd's ExecStopPost: removes the direct routes regardless of the fate of the agent and of the settings.
async function withdraw(): Promise<number> {
  const { withdrawAll } = await import('../host/routes/agent-routes.ts')
  const { standInIfDead } = await import('../host/names/stand-in.ts')
  const folders = foldersOfDead(logToStderr)
  // The caller may only have failed to start a second agent.
  if (livingAgent(folders.runDir) === undefined) {
    await withdrawAll(folders.runDir)
    await standInIfDead(folders)
  }
  return 0
}
