// Starts processes for the command line, with execa.

import { startDeadline } from '../deadline.ts'
import type { Ending, Launch } from './launch.ts'

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
  const end = (): void => {
    child.kill()
    // A killed script's children may live on and hold its pipes open.
    child.stdout.destroy()
    child.stderr.destroy()
  }
  let timedOut = false
  const deadline = startDeadline(timeoutMs, () => {
    timedOut = true
    end()
  })
  signal.addEventListener('abort', end)
  const result = await child
  deadline.clear()
  return {
    exitCode: result.exitCode,
    signal: result.signal,
    timedOut,
    code: result.code,
    stdout: result.stdout,
    stderr: result.stderr,
  }
}
