// Starts processes for the agent, with Node's own spawn. A process costs half of the processor time that it
// costs with execa, and execa's code stays out of the agent's memory.

import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process'
import type { Readable } from 'node:stream'
import { errnoCode } from '../../cni/error.ts'
import type { Ending, Launch } from './launch.ts'
import { limit } from './limit.ts'

/** Runs a process to its end, or until `signal` is aborted. */
export async function startWithSpawn(
  { file, args, input, timeoutMs, env }: Launch,
  signal: AbortSignal,
): Promise<Ending> {
  // /dev/null costs less than a pipe that is closed immediately.
  const child = trySpawn(file, args, { env, stdio: [input === '' ? 'ignore' : 'pipe', 'pipe', 'pipe'] })
  if (typeof child === 'string') return { ...NOT_STARTED, code: child }
  // EPIPE: the program exited before it read all of its stdin. Its exit code tells more.
  child.stdin?.on('error', () => undefined).end(input)
  const stdout = collect(child.stdout)
  const stderr = collect(child.stderr)
  const endLimit = limit(child, timeoutMs, signal)
  const exit = await exitOf(child)
  return { ...exit, timedOut: endLimit(), stdout: stdout(), stderr: stderr() }
}

/**
 * Starts a process. Returns the errno that Node throws: it emits only a few
 * ("ENOENT"), and throws others (ENOMEM).
 */
export function trySpawn(
  file: string,
  args: readonly string[],
  options: SpawnOptions,
): ChildProcess | string {
  try {
    return spawn(file, args, options)
  } catch (error) {
    return errnoCode(error) ?? String(error)
  }
}

const NOT_STARTED = {
  exitCode: undefined,
  signal: undefined,
  timedOut: false,
  stdout: '',
  stderr: '',
} as const

function exitOf(child: ChildProcess): Promise<Pick<Ending, 'exitCode' | 'signal' | 'code'>> {
  return new Promise((resolve) => {
    let code: string | undefined
    child.on('error', (error) => (code ??= errnoCode(error)))
    // Comes after "error" too, with a negative number as exit code.
    child.once('close', (exitCode: number | null, signal: string | null) => {
      const exited = code === undefined ? (exitCode ?? undefined) : undefined
      resolve({ exitCode: exited, signal: signal ?? undefined, code })
    })
  })
}

function collect(stream: Readable | null): () => string {
  const chunks: Buffer[] = []
  stream?.on('data', (chunk: Buffer) => chunks.push(chunk))
  return () => Buffer.concat(chunks).toString('utf8')
}
