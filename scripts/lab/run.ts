// The one place where the lab starts programs: argv in, text and exit code out. No shell, a fixed
// environment.
import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { execa } from 'execa'

export const STANDARD_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
/** The environment of every program; nothing is inherited from the caller. */
export const ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: STANDARD_PATH,
  HOME: '/root',
  LC_ALL: 'C.UTF-8',
}

export interface RunOptions {
  /** Text for stdin; without it stdin is /dev/null. */
  readonly input?: string
  /** The program is killed after this time, in milliseconds (default 300 s). */
  readonly timeoutMs?: number
  /** False: a non-zero exit code is a result, not an error (default true). */
  readonly check?: boolean
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

export interface Outcome {
  readonly stdout: string
  readonly stderr: string
  /** -1 for a program that was killed by a signal or by the time limit, instead of 128 + signal number. */
  readonly exitCode: number
}

/**
 * Runs a program until it exits. Uses Node's spawn: tests start tens of thousands of programs, and execa
 * takes twice the processor time for each.
 * @throws Error with the command, its exit code and stderr, unless `check` is false; a timeout always throws
 */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const [file, ...args] = argv
  if (file === undefined) throw new TypeError('run: empty argv')
  const child = spawn(file, args, {
    env: { ...ENVIRONMENT, ...options.env },
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    timeout: options.timeoutMs ?? 300_000,
    killSignal: 'SIGKILL',
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  })
  // A program may exit without having read all of it.
  child.stdin?.on('error', () => undefined).end(options.input)
  const [stdout, stderr, { exitCode, refusal }] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    endOf(child),
  ])
  if (child.killed) throw new Error(`${argv.join(' ')}: not finished in time\n${stderr}`)
  if (exitCode !== 0 && options.check !== false) {
    const said = [stderr, stdout, refusal].find((text) => text)
    throw new Error(`${argv.join(' ')}: exit code ${exitCode}\n${said ?? ''}`)
  }
  return { stdout, stderr, exitCode }
}

/** Returns the text of a stream without its final newline. */
function textOf(stream: Readable | null): Promise<string> {
  if (stream === null) return Promise.resolve('')
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  return new Promise((resolve) => {
    stream.once('close', () =>
      resolve(
        Buffer.concat(chunks)
          .toString()
          .replace(/\r?\n$/, ''),
      ),
    )
  })
}

/** Waits for a program's exit; `refusal` is the reason why it could not be started. */
function endOf(child: ChildProcess): Promise<{ readonly exitCode: number; readonly refusal?: string }> {
  return new Promise((resolve) => {
    child.once('error', ({ message }) => resolve({ exitCode: -1, refusal: message }))
    child.once('exit', (code) => resolve({ exitCode: code ?? -1 }))
  })
}

export type Running = ReturnType<typeof start>

/** Starts a program that runs beside the caller. Await the returned value for its result, or `kill()` it. */
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

// What takes a second on a quiet machine may take a minute on a slow one that does ten other things.
const LEAST_PATIENCE_MS = 180_000
// A question takes processor time that the awaited thing may need: at most a quarter of the time.
const REST = 3
const [SHORTEST_REST_MS, LONGEST_REST_MS] = [50, 1000]

/**
 * Asks until the answer is true.
 * @param timeoutMs how long at least; three minutes are always allowed, because a verdict must not depend
 * on the machine's load
 * @throws Error with `what` when the time is over
 */
export async function waitUntil(what: string, timeoutMs: number, ask: () => Promise<boolean>): Promise<void> {
  const limitMs = Math.max(timeoutMs, LEAST_PATIENCE_MS)
  const deadline = performance.now() + limitMs
  for (;;) {
    const began = performance.now()
    if (await ask()) return
    const now = performance.now()
    if (now > deadline) throw new Error(`waited ${limitMs / 1000} s in vain: ${what}`)
    const rest = Math.min(Math.max((now - began) * REST, SHORTEST_REST_MS), LONGEST_REST_MS)
    await new Promise((resolve) => setTimeout(resolve, rest))
  }
}
