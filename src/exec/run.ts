// The only executor: argv, stdin text and a netns path in; exit code, stdout and stderr out. It decides
// between three ways to run a process: execa for the command line, spawnSync for the CNI verbs, spawn for the
// agent. Each verb is a new process and would pay execa's start-up cost every time (docs/startup.md). The
// agent runs for months, so memory and each process that it runs count.

import { isAbsolute } from 'node:path'
import { CniCode, CniError } from '../cni/error.ts'
import { tooLate } from '../cni/late.ts'
import { type Command, type Outcome, PACKAGES, type Run, WAITING } from './command.ts'
import { netavarkVerb } from '../netavark/verbs.ts'
import { type Ending, environment, type Launch } from './launch/launch.ts'
import { startHere } from './launch/spawn-sync.ts'
import { makeSlots } from './slots.ts'

// Catches only processes that hang. Deleting a link blocks all other kernel network changes for 20 ms, so the
// last of 200 simultaneous deletions waits 4 s, and ten times as long on a machine ten times as slow. kubelet
// waits 2 minutes, podman and nerdctl indefinitely.
const DEFAULT_TIMEOUT_MS = 60_000
// Two or three processes already keep the processor busy. Running more in parallel only delays each of them.
const MOST_AT_ONCE = 4
const slots = makeSlots(MOST_AT_ONCE)
/** The {@link Run} of this process. */
export const run: Run = async (command) => {
  const launch = plan(command)
  if (isCall()) return outcomeOf(command, launch, await startHere(launch))
  // Loaded here, because a verb pays for every module that it evaluates.
  const start = isAgent()
    ? (await import('./launch/spawn.ts')).startWithSpawn
    : (await import('./launch/execa.ts')).startWithExeca
  const ending = await slots.take({
    name: textOf(launch),
    isFree: WAITING.has(command.file),
    start: (signal) => start(launch, signal),
  })
  return outcomeOf(command, launch, ending)
}

/** Returns whether this process serves one call of a runtime. */
export function isCall(): boolean {
  return Boolean(process.env['CNI_COMMAND']) || netavarkVerb(process.argv[2]) !== undefined
}

// Decides as src/main.ts does.
function isAgent(): boolean {
  return process.argv[2] === 'agent'
}

/** Kills the running commands and cancels the queued ones. @returns the names of the running commands */
export function giveUpCommands(): readonly string[] {
  const running = slots.running()
  slots.giveUp(
    tooLate(CniCode.TryAgainLater, 'command not run', 'the time limit passed before its turn came'),
  )
  return running
}

function plan(command: Command): Launch {
  const { file, args, netns, apart = false, pass = [], secrets = {}, outputs = 0 } = command
  if (netns !== undefined && (!isAbsolute(netns) || netns.includes('\0'))) {
    throw new CniError(CniCode.InvalidNetns, 'network namespace path is not absolute', JSON.stringify(netns))
  }
  return {
    // `ip -n` accepts only names under /run/netns, but CNI_NETNS is a path (iproute2 6.1). nft has no such
    // option at all.
    ...(netns !== undefined
      ? { file: 'nsenter', args: [`--net=${netns}`, file, ...args] }
      : apart
        ? { file: 'unshare', args: ['--net', file, ...args] }
        : { file, args }),
    input: command.input ?? '',
    timeoutMs: command.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    env: { ...environment(pass), ...secrets },
    outputs,
  }
}

function outcomeOf(command: Command, launch: Launch, ending: Ending): Outcome {
  const what = textOf(launch)
  const { exitCode, stdout, stderr, more } = ending
  if (ending.timedOut) {
    throw tooLate(CniCode.IoFailure, 'command timed out', `"${what}" took longer than ${launch.timeoutMs} ms`)
  }
  // nsenter(1) and unshare(1) exit with 127 if they cannot find the program. The programs run here never do.
  const missing = ending.code === 'ENOENT' ? launch.file : exitCode === 127 ? command.file : undefined
  if (missing !== undefined) {
    const remedy = `"${missing}" is not in ${launch.env['PATH']}: install the package ${PACKAGES[missing]}`
    throw new CniError(CniCode.IoFailure, 'program missing', remedy)
  }
  if (exitCode === undefined) {
    const how = ending.signal === undefined ? `failed with ${ending.code}` : `was killed by ${ending.signal}`
    throw new CniError(CniCode.IoFailure, 'command did not end', `"${what}" ${how}`)
  }
  return { exitCode, stdout, stderr, ...(more !== undefined && { more }) }
}

function textOf({ file, args }: Launch): string {
  return [file, ...args].join(' ')
}
