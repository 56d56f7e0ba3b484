// The agent from its start to its end: puts the parts together and takes them down in order.

import type { Log } from '../log.ts'
import { startAgent } from './agent.ts'

/** Runs until SIGTERM or SIGINT; SIGHUP reads settings and certificates anew. Resolves to the exit code. */
export async function serveUntilSignal(log: Log): Promise<number> {
  const agent = await startAgent(log)
  return new Promise((resolve) => {
    const stop = (): void => {
      process.off('SIGTERM', stop)
      process.off('SIGINT', stop)
      void agent.stop().then(() => resolve(0))
    }
    process.on('SIGTERM', stop)
    process.on('SIGINT', stop)
    process.on('SIGHUP', () => void agent.reload())
  })
}
