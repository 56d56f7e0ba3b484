// Starts processes for the CNI verbs. The call blocks this process, which makes it cheap: no streams, no
// sockets, no event loop (docs/startup.md). A verb has nothing else to do meanwhile.

import { spawnSync } from 'node:child_process'
import { netavarkVerb } from '../../netavark/verbs.ts'
import type { Ending, Launch } from './launch.ts'

/** Runs a process to its end. */
export function startHere({ file, args, input, timeoutMs, env }: Launch): Ending {
  const options = {
    env,
    input,
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: Infinity,
    encoding: 'utf8',
    // Ctrl-C does not reach a session of its own. Node's types lack this option of spawnSync.
    detached: netavarkVerb(process.argv[2]) !== undefined,
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
  }
}
