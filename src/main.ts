// Entry of the one executable: CNI_COMMAND set makes it the plugin, otherwise it is the command line. Runtimes run
// VERSION for every network they load, podman under a global lock, so that one is answered here before anything else
// is loaded, stdin unread. docs/startup.md has the figures.

import { writeSync } from 'node:fs'
import { NEWEST_VERSION, SUPPORTED_VERSIONS } from './cni/supported.ts'

const command = process.env['CNI_COMMAND'] ?? ''
if (command === 'VERSION') answerVersion()
else if (command === '') void exitWith(isAgent() ? runAgent : runCommandLine)
else void exitWith(runVerb)

function answerVersion(): void {
  const answer = { cniVersion: NEWEST_VERSION, supportedVersions: SUPPORTED_VERSIONS }
  // process.stdout would load Node's streams first. A pipe takes so few bytes at once (pipe(7), PIPE_BUF).
  writeSync(1, `${JSON.stringify(answer)}\n`)
  leave(0)
}

async function exitWith(entry: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await entry()
    // Nothing is cut off: on Linux, Node writes to files and pipes before write() returns ("A note on process I/O").
    // The agent goes likewise: one that could not start must not stay with half of its sockets open.
    if (command !== '' || isAgent()) leave(process.exitCode)
  } catch (error) {
    // Only our own mistakes come this far: the entries print every failure that an operator can meet.
    process.exitCode = 1
    writeSync(2, `flatnet-cni: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    if (isAgent()) leave(1)
  }
}

// Costs 2 ms less than letting Node come to its end by itself (docs/startup.md).
function leave(exitCode: number): never {
  process.exit(exitCode)
}

async function runVerb(): Promise<number> {
  const { runPlugin } = await import('../plugins/serve.ts')
  return runPlugin(command)
}

// The agent runs for months: what the command line draws tables with has no place in its memory.
function isAgent(): boolean {
  return process.argv[2] === 'agent' && !process.argv.some((word) => word === '--help' || word === '-h')
}

async function runAgent(): Promise<number> {
  const { runAgent: run } = await import('./agent/start.ts')
  return run(process.argv.slice(3))
}

async function runCommandLine(): Promise<number> {
  const { runCli } = await import('./cli/cli.ts')
  return runCli(process.argv.slice(2))
}
