// Entry of the one executable. With CNI_COMMAND set it is a CNI plugin, with a verb of netavark it is
// podman's network driver, otherwise it is the command line. Runtimes run VERSION for every network they
// load, podman under a global lock. So this file answers VERSION before it loads anything else, and leaves
// stdin unread. docs/startup.md has the figures.

import { writeSync } from 'node:fs'
import { NEWEST_VERSION, SUPPORTED_VERSIONS } from './cni/supported.ts'
import { netavarkVerb } from './netavark/verbs.ts'

const command = process.env['CNI_COMMAND'] ?? ''
const podmanVerb = netavarkVerb(process.argv[2])
if (command === 'VERSION') answerVersion()
else if (command !== '') void exitWith(runVerb)
else if (podmanVerb !== undefined) void exitWith(runPodmanVerb)
else void exitWith(isAgent() ? runAgent : runCommandLine)

function answerVersion(): void {
  const answer = { cniVersion: NEWEST_VERSION, supportedVersions: SUPPORTED_VERSIONS }
  // process.stdout would load Node's streams first. A pipe takes this few bytes in one write
  // (pipe(7), PIPE_BUF).
  writeSync(1, `${JSON.stringify(answer)}\n`)
  leave(0)
}

async function exitWith(entry: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await entry()
    // Nothing is cut off: on Linux, Node writes to files and pipes before write() returns ("A note on
    // process I/O"). The agent exits here too, because one that could not start must not linger with half of
    // its sockets open.
    if (command !== '' || podmanVerb !== undefined || isAgent()) leave(process.exitCode)
  } catch (error) {
    // Only our own mistakes reach this line. The entries print every failure that an operator can cause.
    process.exitCode = 1
    writeSync(2, `flatnet-cni: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    if (isAgent()) leave(1)
  }
}

// Costs 2 ms less than an exit at the end of Node's event loop (docs/startup.md).
function leave(exitCode: number): never {
  process.exit(exitCode)
}

async function runVerb(): Promise<number> {
  const { runPlugin } = await import('../plugins/serve.ts')
  return runPlugin(command)
}

async function runPodmanVerb(): Promise<number> {
  const { runNetavark } = await import('../plugins/serve.ts')
  return podmanVerb === undefined ? 2 : runNetavark(podmanVerb, process.argv[3] ?? '')
}

// The agent runs for months, so its memory has no room for the command line's table code.
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
