// Ends a process that takes too long, or that is called off.

import { startDeadline } from '../deadline.ts'

/** What Node's and execa's processes have in common. */
interface Child {
  readonly kill: (signal: 'SIGKILL') => unknown
  readonly stdout: Pipe | null
  readonly stderr: Pipe | null
}
interface Pipe {
  readonly destroy: () => unknown
}

/**
 * Kills the process when its time is over, or when `signal` is aborted.
 * @returns what ends the limit, and says whether the time was over
 */
export function limit(child: Child, timeoutMs: number, signal: AbortSignal): () => boolean {
  const end = (): void => {
    child.kill('SIGKILL')
    // A killed script's children may live on and hold its pipes open.
    child.stdout?.destroy()
    child.stderr?.destroy()
  }
  let timedOut = false
  const deadline = startDeadline(timeoutMs, () => {
    timedOut = true
    end()
  })
  signal.addEventListener('abort', end)
  return () => {
    deadline.clear()
    return timedOut
  }
}
