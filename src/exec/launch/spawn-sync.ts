// Starts processes for the CNI verbs. The call blocks this process, which makes it cheap: no streams, no
// sockets, no event loop (docs/startup.md). A verb has nothing else to do meanwhile.

import { netavarkVerb } from '../../netavark/verbs.ts'
import { spawnBinding, startWithBinding } from './binding.ts'
import type { Ending, Launch } from './launch.ts'

/** Runs a process to its end. */
export async function startHere(launch: Launch): Promise<Ending> {
  // Ctrl-C does not reach a session of its own.
  const isDetached = netavarkVerb(process.argv[2]) !== undefined
  const spawn = spawnBinding()
  const ending = spawn && startWithBinding(spawn, launch, isDetached)
  return ending ?? (await startAsDocumented(launch, isDetached))
}

/** Runs a process to its end with node:child_process, which {@link startHere} does where it must. */
export async function startAsDocumented(
  { file, args, input, timeoutMs, env, outputs = 0 }: Launch,
  isDetached: boolean,
): Promise<Ending> {
  const { spawnSync } = await import('node:child_process')
  const options = {
    env,
    input,
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: Infinity,
    encoding: 'utf8',
    stdio: Array.from({ length: 3 + outputs }, () => 'pipe' as const),
    // Node's types lack this option of spawnSync.
    detached: isDetached,
  } as const
  const result = spawnSync(file, args, options)
  const code = result.error && 'code' in result.error ? String(result.error.code) : undefined
  return {
    exitCode: result.status ?? undefined,
    signal: result.signal ?? undefined,
    timedOut: code === 'ETIMEDOUT',
    // EPIPE: the program exited before it read all of its stdin. Its exit code tells more.
    code: code === 'EPIPE' ? undefined : code,
    stdout: result.stdout ?? '',
    stderr: result.stderr ?? '',
    ...(outputs > 0 && { more: result.output?.slice(3).map((text) => text ?? '') ?? [] }),
  }
}
