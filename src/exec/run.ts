// The one executor: argv, stdin text and a netns path in; exit code, stdout and stderr out. It alone knows how a process
// is run, and which of two ways fits: execa for the command line and the agent, spawnSync for the CNI verbs, which
// run as a process of their own each time and would pay execa's start-up every time (docs/startup.md).

import { spawnSync } from 'node:child_process'
import { isAbsolute } from 'node:path'
import { CniCode, CniError } from '../cni/error.ts'

/** One process to run. `args` without the program's name; `input` is the whole of stdin (default: empty). */
export interface Command {
  /** A program by name, or Nebula's executable by its path. */
  readonly file:
    | 'ip'
    | 'nft'
    | 'iptables-legacy'
    | 'ip6tables-legacy'
    | 'tc'
    | 'tee'
    | 'ping'
    | 'journalctl'
    | 'podman'
    | 'nerdctl'
    | 'systemd-notify'
    | 'wslinfo'
    | `/${string}/nebula`
  readonly args: readonly string[]
  readonly input?: string
  /** Path of the network namespace to run in, absolute; the caller's own when left out. */
  readonly netns?: string
  /** Run it in a network namespace of its own, which ends with it. */
  readonly apart?: boolean
  /** Milliseconds after which the process is killed; 30,000 when left out. */
  readonly timeoutMs?: number
  /** Names of environment variables that are handed down. */
  readonly pass?: readonly string[]
}

/** What a process left behind when it ended by itself, whatever its exit code. Texts are whole, final newline included. */
export interface Outcome {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs one command to its end. Resolves for any exit code. Throws CniError(IoFailure) when the program is missing, was
 * killed by a signal, or took longer than `timeoutMs`; CniError(InvalidNetns) for a netns that is no absolute path.
 */
export type Run = (command: Command) => Promise<Outcome>

/** How a process ended, before it is judged: `code` is the errno of a failed start ("ENOENT"). */
interface Ending {
  readonly exitCode: number | undefined
  readonly signal: string | undefined
  readonly timedOut: boolean
  readonly code: string | undefined
  readonly stdout: string
  readonly stderr: string
}

interface Launch {
  readonly file: string
  readonly args: readonly string[]
  readonly input: string
  readonly timeoutMs: number
  readonly env: Readonly<Record<string, string>>
}

// Only for what hangs. Deleting a link takes 20 ms during which the kernel lets no other change in, so of 200 deletions at
// once the last waits 4 s, and three times as long on a busy machine. kubelet waits 2 minutes, podman and nerdctl for ever.
const DEFAULT_TIMEOUT_MS = 30_000
const PACKAGES: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  nft: 'nftables',
  'iptables-legacy': 'iptables',
  'ip6tables-legacy': 'iptables',
  tc: 'iproute2',
  tee: 'coreutils',
  ping: 'iputils-ping',
  journalctl: 'systemd',
  podman: 'podman',
  nerdctl: 'nerdctl',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  'systemd-notify': 'systemd',
  wslinfo: 'wsl',
}

/** The {@link Run} of this process. */
export const run: Run = async (command) => {
  const launch = plan(command)
  const ending = process.env['CNI_COMMAND'] ? startHere(launch) : await startWithExeca(launch)
  return judge(command, launch, ending)
}

/** A process that runs beside the caller. */
export interface Background {
  /** Undefined when it could not be started. */
  readonly pid: number | undefined
  /** Settles when it has ended, however that came about; never rejects. */
  readonly ended: Promise<void>
  readonly kill: () => void
}

/** A process to run beside the caller; its standard input is empty and what it says on standard error is nobody's. */
export interface BackgroundCommand {
  readonly file: 'ip' | 'sh'
  readonly args: readonly string[]
  /** Called with each line of standard output, without its end. */
  readonly onLine?: (line: string) => void
  /** In a session of its own, so that it outlives the caller and no terminal's Ctrl-C reaches it. */
  readonly outlives?: boolean
  /** Names of environment variables that are handed down. */
  readonly pass?: readonly string[]
}

/** Starts a process and comes back at once. For the agent, never for a verb. */
export async function startBackground(command: BackgroundCommand): Promise<Background> {
  const { onLine, outlives = false, pass = [] } = command
  const { execa } = await import('execa')
  const child = execa(command.file, command.args, {
    env: environment(pass),
    extendEnv: false,
    stdin: 'ignore',
    stdout: onLine === undefined ? 'ignore' : 'pipe',
    stderr: 'ignore',
    buffer: false,
    detached: outlives,
    cleanup: !outlives,
    killSignal: 'SIGKILL',
    reject: false,
  })
  if (outlives) child.nodeChildProcess.unref()
  if (onLine !== undefined && child.stdout !== null) readLines(child.stdout, onLine)
  const ended = child.then(
    () => undefined,
    () => undefined,
  )
  return { pid: child.pid, ended, kill: () => void child.kill() }
}

function readLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  })
}

function plan(command: Command): Launch {
  const { file, args, netns, apart = false, pass = [] } = command
  if (netns !== undefined && (!isAbsolute(netns) || netns.includes('\0'))) {
    throw new CniError(CniCode.InvalidNetns, 'network namespace path is not absolute', JSON.stringify(netns))
  }
  return {
    // `ip -n` takes names under /run/netns only, CNI_NETNS is a path (iproute2 6.1); nft has no such option at all.
    ...(netns !== undefined
      ? { file: 'nsenter', args: [`--net=${netns}`, file, ...args] }
      : apart
        ? { file: 'unshare', args: ['--net', file, ...args] }
        : { file, args }),
    input: command.input ?? '',
    timeoutMs: command.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    env: environment(pass),
  }
}

// Runtimes may hand down a bare environment. LC_ALL=C: messages end up in logs that people compare.
function environment(pass: readonly string[]): Readonly<Record<string, string>> {
  const passed = pass.flatMap((name): [string, string][] => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value]]
  })
  return {
    ...Object.fromEntries(passed),
    PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin`.replace(/^:/, ''),
    LC_ALL: 'C',
  }
}

// Blocks this process. That is what makes it cheap: no streams, no sockets, no event loop (docs/startup.md), and a verb has
// nothing else to do meanwhile.
function startHere({ file, args, input, timeoutMs, env }: Launch): Ending {
  const result = spawnSync(file, args, {
    env,
    input,
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: Infinity,
    encoding: 'utf8',
  })
  const code = result.error && 'code' in result.error ? String(result.error.code) : undefined
  return {
    exitCode: result.status ?? undefined,
    signal: result.signal ?? undefined,
    timedOut: code === 'ETIMEDOUT',
    // EPIPE: the program ended before it had read all of its stdin, which is for its exit code to explain.
    code: code === 'EPIPE' ? undefined : code,
    stdout: result.stdout ?? '',
    stderr: result.stderr ?? '',
  }
}

async function startWithExeca({ file, args, input, timeoutMs, env }: Launch): Promise<Ending> {
  const { execa } = await import('execa')
  const result = await execa(file, args, {
    env,
    extendEnv: false,
    input,
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: Number.MAX_SAFE_INTEGER,
    reject: false,
    stripFinalNewline: false,
  })
  return {
    exitCode: result.exitCode,
    signal: result.signal,
    timedOut: result.timedOut,
    code: result.code,
    stdout: result.stdout,
    stderr: result.stderr,
  }
}

function judge(command: Command, launch: Launch, ending: Ending): Outcome {
  const what = [launch.file, ...launch.args].join(' ')
  const { exitCode, stdout, stderr } = ending
  if (ending.timedOut) {
    throw new CniError(
      CniCode.IoFailure,
      'command timed out',
      `"${what}" took longer than ${launch.timeoutMs} ms`,
    )
  }
  // nsenter(1) and unshare(1) leave with 127 when they cannot find what they are to execute; what we run never does.
  const missing = ending.code === 'ENOENT' ? launch.file : exitCode === 127 ? command.file : undefined
  if (missing !== undefined) {
    const remedy = `"${missing}" is not in ${launch.env['PATH']}: install the package ${PACKAGES[missing]}`
    throw new CniError(CniCode.IoFailure, 'program missing', remedy)
  }
  if (exitCode === undefined) {
    const how = ending.signal === undefined ? `failed with ${ending.code}` : `was killed by ${ending.signal}`
    throw new CniError(CniCode.IoFailure, 'command did not end', `"${what}" ${how}`)
  }
  return { exitCode, stdout, stderr }
}
