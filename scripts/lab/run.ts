// The lab's one way to start programs: argv in, text and exit code out. No shell, a fixed environment.
import { execa } from 'execa'

export const STANDARD_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
/** What every program gets, and nothing of the caller's. */
export const ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: STANDARD_PATH,
  HOME: '/root',
  LC_ALL: 'C.UTF-8',
}

export interface RunOptions {
  /** Text for stdin; without it stdin is /dev/null. */
  readonly input?: string
  /** The program is ended after this time, in milliseconds (default 60 s). */
  readonly timeoutMs?: number
  /** False: a non-zero exit code is a result, not an error (default true). */
  readonly check?: boolean
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

export interface Outcome {
  readonly stdout: string
  readonly stderr: string
  /** 128 + signal number is not used here: a program ended by a signal or the timeout has -1. */
  readonly exitCode: number
}

/**
 * Runs a program to its end.
 * @throws Error naming the command, its exit code and stderr, unless `check` is false; a timeout always throws.
 */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const [file, ...args] = argv
  if (file === undefined) throw new TypeError('run: empty argv')
  const result = await execa(file, args, {
    env: { ...ENVIRONMENT, ...options.env },
    extendEnv: false,
    reject: false,
    timeout: options.timeoutMs ?? 60_000,
    maxBuffer: 20_000_000,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
  })
  const outcome = { stdout: result.stdout, stderr: result.stderr, exitCode: result.exitCode ?? -1 }
  if (result.timedOut) throw new Error(`${argv.join(' ')}: not finished in time\n${outcome.stderr}`)
  if (outcome.exitCode !== 0 && options.check !== false) {
    const said = [result.stderr, result.stdout, result.originalMessage].find((text) => text)
    throw new Error(`${argv.join(' ')}: exit code ${outcome.exitCode}\n${said ?? ''}`)
  }
  return outcome
}

export type Running = ReturnType<typeof start>

/** Starts a program that runs beside the caller; await it for its result, `kill()` it to end it. */
export function start(argv: readonly string[], env?: Readonly<Record<string, string>>) {
  const [file, ...args] = argv
  if (file === undefined) throw new TypeError('start: empty argv')
  return execa(file, args, {
    env: { ...ENVIRONMENT, ...env },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
  })
}

/** Asks until the answer is true. @throws Error naming `what` when that takes longer than `timeoutMs`. */
export async function waitUntil(what: string, timeoutMs: number, ask: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await ask())) {
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs / 1000} s in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
