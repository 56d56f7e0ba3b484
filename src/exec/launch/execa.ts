// Starts processes for the command line, with execa.

import type { Ending, Launch } from './launch.ts'
import { limit } from './limit.ts'

/** Runs a process to its end, or until `signal` is aborted. */
export async function startWithExeca(
  { file, args, input, timeoutMs, env }: Launch,
  signal: AbortSignal,
): Promise<Ending> {
  const { execa } = await import('execa')
  const child = execa(file, args, {
    env,
    extendEnv: false,
    input,
    killSignal: 'SIGKILL',
    maxBuffer: Number.MAX_SAFE_INTEGER,
    reject: false,
    stripFinalNewline: false,
  })
  const endLimit = limit(child, timeoutMs, signal)
  const result = await child
  return {
    exitCode: result.exitCode,
    signal: result.signal,
    timedOut: endLimit(),
    code: result.code,
    stdout: result.stdout,
    stderr: result.stderr,
  }
}
