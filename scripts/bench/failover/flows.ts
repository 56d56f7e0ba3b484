// Real flows between two containers of the lab: one UDP stream, one TCP connection, HTTP requests.
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { waitUntil } from '../../lab/run.ts'
import type { PlainContainer } from './container.ts'
import type { FlowReport } from './flow-report.ts'

interface Flows {
  /** Ends the flows and returns their report. */
  readonly end: () => Promise<FlowReport>
}

/** Starts a server in `to`, until its `stop` is called. */
export async function serveFlows(to: PlainContainer): Promise<{ stop: () => Promise<void> }> {
  const server = to.start([process.execPath, program('flow-server.ts')])
  let isReady = false
  server.stdout.on('data', () => (isReady = true))
  await waitUntil('the server of the flows to be ready', 15_000, async () => Promise.resolve(isReady))
  return {
    stop: async () => {
      server.kill()
      await server
    },
  }
}

/**
 * Starts the flows.
 * @param everyMs between two datagrams, and between two lines (default 10)
 */
export function startFlows(
  from: PlainContainer,
  address: string,
  { everyMs = 10 }: { readonly everyMs?: number } = {},
): Flows {
  const [file = '', ...args] = from.host.argv(
    from.enter([process.execPath, program('flow-client.ts'), address, String(everyMs)]),
  )
  const client = execa(file, args, { env: from.host.env, extendEnv: false, reject: false, stdin: 'pipe' })
  return {
    end: async () => {
      client.stdin.end()
      const { stdout, stderr } = await client
      if (stdout === '') throw new Error(`the flows ended without a word: ${stderr}`)
      return JSON.parse(stdout) as FlowReport
    },
  }
}

function program(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url))
}
